// Sums in plain language as a task. Right is a right final number; that it stands behind "####" is told beside it, never paid.
import {
  type ArithmeticProblem,
  type ArithmeticRange,
  arithmeticResult,
  arithmeticText,
  drawArithmetic,
} from '../data/arithmetic';
import { readFinalAnswer, readPlainNumber } from './finalAnswer';
import type { Task } from './task';

const HOW = 'Write the calculation, then "####" and the final number.';

const answerText = ({ left, right, sign }: ArithmeticProblem, result: number) =>
  `${left} ${sign} ${right} = ${result}\n#### ${result}`;

export function arithmeticTask(range: ArithmeticRange): Task<ArithmeticProblem> {
  return {
    id: `arithmetic-${range.digits}${range.differences ? '-differences' : ''}`,
    // The sentence of the paper (SCoRe, appendix), which does not tell whether the answer was right.
    instruction:
      'There might be an error in the solution above because of lack of understanding of the question. Please correct the error, if any, and rewrite the solution.',
    maxTokens: 64,
    draw: (rng, slice, count) => drawArithmetic(rng, slice, range, count),
    ask: (problem) => [{ role: 'user', content: `${arithmeticText(problem)} ${HOW}` }],
    solve: (_rng, problem) => answerText(problem, arithmeticResult(problem)),
    // A slip: one digit off, or a carry forgotten.
    mistake(rng, problem) {
      const result = arithmeticResult(problem);
      const slips = [1, -1, 10, -10].map((slip) => result + slip).filter((wrong) => wrong >= 0);
      return answerText(problem, slips[rng.integer(slips.length)]);
    },
    verify(problem, answer, ended) {
      const found = readFinalAnswer(answer);
      const number = found && readPlainNumber(found.text.match(/-?[\d,]*\.?\d+/)?.[0] ?? '');
      // A number in a text that was cut off is none that the model ended with.
      const counts = number !== null && (found?.marked || ended);
      const correct = counts && number === arithmeticResult(problem);
      const marked = answer.includes('####');
      return {
        correct,
        wellFormed: marked && number !== null,
        terms: { right_number: counts ? Number(correct) : null, format: Number(marked) },
        extra: {
          numbers: { answer: number },
          texts: { parsed_answer: found?.text ?? null, solution: answerText(problem, arithmeticResult(problem)) },
        },
      };
    },
  };
}
