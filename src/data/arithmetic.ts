// Sums in plain language, for models that read English: small enough to be learned, easy to check. Numbers, names and things are drawn;
// which slice a problem is in depends on its numbers alone, so that no sum is in two slices under other names.
import type { CounterRng } from '../lib/counterRng';
import { fnv1a } from '../lib/fnv1a';
import type { Slice } from './dial';

export interface ArithmeticProblem {
  left: number;
  right: number;
  sign: '+' | '-';
  /** which sentence, and who and what stands in it */
  wording: number;
  who: number;
  what: number;
}

export interface ArithmeticRange {
  /** digits of both numbers, 1–6 */
  digits: number;
  /** whether differences are asked too; they are never negative */
  differences: boolean;
}

const NAMES = ['Mina', 'Tom', 'Sara', 'Leo', 'Jun', 'Ana', 'Omar', 'Ivy'];
const THINGS = ['apples', 'stamps', 'marbles', 'books', 'coins', 'shells', 'cards', 'pens'];

type Sentence = (left: number, right: number, who: string, what: string) => string;
const SUMS: readonly Sentence[] = [
  (a, b) => `What is ${a} + ${b}?`,
  (a, b, who, what) => `${who} has ${a} ${what} and gets ${b} more. How many ${what} does ${who} have now?`,
  (a, b, who, what) =>
    `There are ${a} ${what} in one box and ${b} in another. How many ${what} does ${who} count in both?`,
  (a, b, who, what) => `${who} found ${a} ${what} on Monday and ${b} on Tuesday. How many ${what} is that in all?`,
];
const DIFFERENCES: readonly Sentence[] = [
  (a, b) => `What is ${a} - ${b}?`,
  (a, b, who, what) => `${who} has ${a} ${what} and gives ${b} away. How many ${what} are left?`,
  (a, b, who, what) => `${who} had ${a} ${what} and lost ${b} of them. How many ${what} does ${who} still have?`,
];

export function arithmeticText({ left, right, sign, wording, who, what }: ArithmeticProblem): string {
  const sentences = sign === '+' ? SUMS : DIFFERENCES;
  return sentences[wording % sentences.length](left, right, NAMES[who % NAMES.length], THINGS[what % THINGS.length]);
}

export function arithmeticResult({ left, right, sign }: ArithmeticProblem): number {
  return sign === '+' ? left + right : left - right;
}

/** 80 % practice, 5 % validation, 15 % test. There is nothing to pre-train: models come with their language. */
export function arithmeticSlice({ left, right, sign }: ArithmeticProblem): Slice {
  const bucket = fnv1a(`${left}${sign}${right}`) % 100;
  return bucket < 80 ? 'rl' : bucket < 85 ? 'validation' : 'test';
}

/** A slice of few problems is exhausted after so many draws in a row that were there before. */
const REPEATS = 5000;

/** `count` problems of different numbers, or all the slice has. @throws RangeError for digits that are not 1–6, and for pre-training */
export function drawArithmetic(
  rng: CounterRng,
  slice: Slice,
  { digits, differences }: ArithmeticRange,
  count: number,
): ArithmeticProblem[] {
  if (!Number.isInteger(digits) || digits < 1 || digits > 6) {
    throw new RangeError(`arithmetic: expected 1 to 6 digits, got ${digits}.`);
  }
  if (slice === 'pretrain') throw new RangeError('arithmetic: expected rl, validation or test, got pretrain.');
  const low = digits === 1 ? 0 : 10 ** (digits - 1);
  const draw = () => low + rng.integer(10 ** digits - low);
  const seen = new Set<string>();
  const problems: ArithmeticProblem[] = [];
  for (let repeats = 0; problems.length < count && repeats < REPEATS; ) {
    const [a, b] = [draw(), draw()];
    const sign = differences && rng.integer(2) === 1 ? '-' : '+';
    const [left, right] = sign === '-' && a < b ? [b, a] : [a, b];
    const problem: ArithmeticProblem = {
      left,
      right,
      sign,
      wording: rng.integer(12),
      who: rng.integer(8),
      what: rng.integer(8),
    };
    const key = `${left}${sign}${right}`;
    if (arithmeticSlice(problem) !== slice || seen.has(key)) {
      repeats++;
      continue;
    }
    repeats = 0;
    seen.add(key);
    problems.push(problem);
  }
  return problems;
}
