// Left as a task. The reward is 1 iff format, arithmetic and "0 left" are all right; the parts are shown, never paid.
import { drawLeftProblems, leftChoices } from '../data/left';
import { CORRECTION_INSTRUCTION, VERDICT_QUESTION } from '../lib/dialProblem';
import { type LeftProblem, leftAnswer, leftPrompt, verifyLeft } from '../lib/leftProblem';
import type { Task } from './task';

/** @param level amount of numbers, 3…5; the bundled model learned 4 */
export function leftTask(level: number): Task<LeftProblem> {
  return {
    id: `left-${level}`,
    instruction: CORRECTION_INSTRUCTION,
    review: {
      question: VERDICT_QUESTION,
      maxTokens: 2,
      approves: (feedback) => feedback === 'yes',
      verdicts: ['yes', 'no'],
    },
    maxTokens: 4 * level + 2, // an answer and its end token are 4·level; a little room to go wrong
    draw: (rng, slice, count) => drawLeftProblems(rng, slice, level, count),
    ask: (problem) => [{ role: 'user', content: leftPrompt(problem) }],
    solve(rng, problem) {
      const { right } = leftChoices(problem);
      return leftAnswer(problem, right[rng.integer(right.length)]);
    },
    mistake(rng, problem) {
      const { wrong } = leftChoices(problem);
      return leftAnswer(problem, wrong[rng.integer(wrong.length)]);
    },
    verify(problem, answer, ended) {
      const { correct, format, nothing_left, arithmetic, left } = verifyLeft(problem, answer, ended);
      const solution = leftChoices(problem).right.at(0);
      return {
        correct,
        wellFormed: format,
        terms: { nothing_left: Number(nothing_left), arithmetic: Number(arithmetic), format: Number(format) },
        extra: {
          numbers: { left, missed_by: left === null ? null : Math.abs(left) },
          texts: {
            parsed_answer: left === null ? null : String(left),
            solution: solution ? leftAnswer(problem, solution) : null,
          },
        },
      };
    },
  };
}
