// Problems of Left: where they come from and how they are split. Everything is a function of a CounterRng.
import type { CounterRng } from '../lib/counterRng';
import { fnv1a } from '../lib/fnv1a';
import { LEFT_LIMIT, type LeftProblem, type LeftSign, leftovers, leftPrompt } from '../lib/leftProblem';
import type { Slice } from './dial';

/** 70 % pre-training, 15 % RL, 5 % validation, 10 % test by a hash of the SORTED numbers: no multiset is in two slices. */
export function leftSliceOf({ numbers }: LeftProblem): Slice {
  const bucket = fnv1a([...numbers].sort((a, b) => a - b).join(',')) % 100;
  return bucket < 70 ? 'pretrain' : bucket < 85 ? 'rl' : bucket < 90 ? 'validation' : 'test';
}

export interface LeftChoices {
  right: LeftSign[][];
  wrong: LeftSign[][];
}

export function leftChoices(problem: LeftProblem): LeftChoices {
  const choices: LeftChoices = { right: [], wrong: [] };
  const signs = problem.numbers.length - 1;
  for (let code = 0; code < 2 ** signs; code++) {
    const choice = Array.from({ length: signs }, (_, i): LeftSign => ((code >> i) & 1 ? '-' : '+'));
    (leftovers(problem, choice).at(-1) === 0 ? choices.right : choices.wrong).push(choice);
  }
  return choices;
}

/** A target ≥ 1 that some signs make and some do not, and nothing on the way farther from 0 than the vocabulary reaches. */
export function drawLeftProblem(rng: CounterRng, slice: Slice, level: number): LeftProblem {
  if (!Number.isInteger(level) || level < 3 || level > 5) {
    throw new RangeError(`left: expected a level of 3 to 5 numbers, got ${level}.`);
  }
  for (;;) {
    const numbers = Array.from({ length: level }, () => 1 + rng.integer(9));
    const target = numbers.slice(1).reduce((sum, n) => sum + (rng.uniform() < 0.5 ? n : -n), numbers[0]);
    const problem = { target, numbers };
    if (target < 1 || leftSliceOf(problem) !== slice) continue;
    const { right, wrong } = leftChoices(problem);
    if (wrong.length === 0) continue;
    const all = [...right, ...wrong].flatMap((signs) => leftovers(problem, signs));
    if (all.every((left) => Math.abs(left) <= LEFT_LIMIT - 2)) return problem;
  }
}

/** After so many repeats in a row a slice counts as exhausted. */
const REPEATS = 5000;

/** `count` different problems of a slice, or all of them when it has fewer. */
export function drawLeftProblems(rng: CounterRng, slice: Slice, level: number, count: number): LeftProblem[] {
  const problems = new Map<string, LeftProblem>();
  for (let repeats = 0; problems.size < count && repeats < REPEATS; ) {
    const problem = drawLeftProblem(rng, slice, level);
    const key = leftPrompt(problem);
    repeats = problems.has(key) ? repeats + 1 : 0;
    problems.set(key, problem);
  }
  return [...problems.values()];
}
