// Dial as a task. The reward is 1 iff format, arithmetic and landing are all right; the parts are shown, never paid.
import { drawProblems, signChoices } from '../data/dial';
import { drawReflection, REFLECTION_QUESTION, REFLECTION_TOKENS } from '../data/dialReflections';
import {
  answerText,
  CORRECTION_INSTRUCTION,
  type DialProblem,
  POSITIONS,
  promptText,
  readAnswer,
  VERDICT_QUESTION,
  verifyAnswer,
} from '../lib/dialProblem';
import type { Task, Verdict } from './task';

/** One right answer per problem, found once: all rollouts of a problem ask for it. */
const solutions = new WeakMap<DialProblem, string | null>();

function solutionOf(problem: DialProblem): string | null {
  const known = solutions.get(problem);
  if (known !== undefined) return known;
  const signs = signChoices(problem).right.at(0);
  const solution = signs ? answerText(problem, signs) : null;
  solutions.set(problem, solution);
  return solution;
}

/** What an answer did, as far as it can be read: `missed_by` in positions round the dial, hops counted from 1. */
function readColumns(problem: DialProblem, answer: string): NonNullable<Verdict['extra']> {
  const { hops } = readAnswer(answer);
  const landing = hops.at(-1)?.landing ?? null;
  const firstWrong = hops.findIndex(({ ok }) => !ok);
  const beyond = landing === null ? null : landing % POSITIONS;
  return {
    numbers: {
      landing,
      missed_by: beyond === null ? null : Math.min(beyond, POSITIONS - beyond),
      wrong_hops: hops.length === 0 ? null : hops.filter(({ ok }) => !ok).length,
      first_wrong_hop: firstWrong < 0 ? null : firstWrong + 1,
    },
    texts: { parsed_answer: landing === null ? null : String(landing), solution: solutionOf(problem) },
  };
}

/** @param level amount of numbers, 4…8 */
export function dialTask(level: number): Task<DialProblem> {
  return {
    id: `dial-${level}`,
    instruction: CORRECTION_INSTRUCTION,
    review: {
      question: VERDICT_QUESTION,
      maxTokens: 2,
      approves: (feedback) => feedback === 'yes',
      verdicts: ['yes', 'no'],
    },
    reflection: { question: REFLECTION_QUESTION, maxTokens: REFLECTION_TOKENS, teach: drawReflection },
    maxTokens: 2 * level + 2, // an answer and its end token are 2·level; a little room to go wrong
    draw: (rng, slice, count) => drawProblems(rng, slice, level, count),
    ask: (problem) => [{ role: 'user', content: promptText(problem) }],
    solve(rng, problem) {
      const { right } = signChoices(problem);
      return answerText(problem, right[rng.integer(right.length)]);
    },
    mistake(rng, problem) {
      const { wrong } = signChoices(problem);
      return answerText(problem, wrong[rng.integer(wrong.length)]);
    },
    verify(problem, answer, ended) {
      const verdict = verifyAnswer(problem, answer, ended);
      return {
        correct: verdict.correct,
        wellFormed: verdict.format,
        terms: {
          lands_on_zero: Number(verdict.lands_on_zero),
          arithmetic: Number(verdict.arithmetic),
          format: Number(verdict.format),
        },
        extra: readColumns(problem, answer),
      };
    },
  };
}
