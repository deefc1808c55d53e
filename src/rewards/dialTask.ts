// Dial as a task. The reward is 1 iff format, arithmetic and landing are all right; the parts are shown, never paid.
import { drawProblems, signChoices } from '../data/dial';
import {
  answerText,
  CORRECTION_INSTRUCTION,
  type DialProblem,
  promptText,
  VERDICT_QUESTION,
  verifyAnswer,
} from '../lib/dialProblem';
import type { Task } from './task';

/** @param level amount of numbers, 4…8 */
export function dialTask(level: number): Task<DialProblem> {
  return {
    id: `dial-${level}`,
    instruction: CORRECTION_INSTRUCTION,
    review: { question: VERDICT_QUESTION, maxTokens: 2, approves: (feedback) => feedback === 'yes' },
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
      };
    },
  };
}
