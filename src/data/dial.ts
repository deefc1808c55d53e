// Problems of Dial: drawing, the split by hash, and all choices of signs. Everything is a function of a CounterRng.
import type { CounterRng } from '../lib/counterRng';
import { type DialProblem, lastLanding, promptText, type Sign } from '../lib/dialProblem';
import { fnv1a } from '../lib/fnv1a';

export type Slice = 'pretrain' | 'rl' | 'validation' | 'test';

/** 70 % pre-training, 15 % RL, 5 % validation, 10 % test, by a hash of the problem: no problem is in two slices. */
export function sliceOf(problem: DialProblem): Slice {
  const bucket = fnv1a(promptText(problem)) % 100;
  return bucket < 70 ? 'pretrain' : bucket < 85 ? 'rl' : bucket < 90 ? 'validation' : 'test';
}

export interface SignChoices {
  right: Sign[][];
  wrong: Sign[][];
}

/** All sign choices of a problem: 2^(n−1), or 3^(n−1) with ×. */
export function signChoices(problem: DialProblem): SignChoices {
  const signs: Sign[] = problem.times ? ['+', '-', '*'] : ['+', '-'];
  const hops = problem.numbers.length - 1;
  const choices: SignChoices = { right: [], wrong: [] };
  for (let code = 0; code < signs.length ** hops; code++) {
    const choice: Sign[] = [];
    for (let i = 0, rest = code; i < hops; i++, rest = Math.floor(rest / signs.length)) {
      choice.push(signs[rest % signs.length]);
    }
    (lastLanding(problem, choice) === 0 ? choices.right : choices.wrong).push(choice);
  }
  return choices;
}

/** Whether + and − (and ×) can land on 0, and can also miss it. Looks at the reachable positions only. */
function isSolvable(problem: DialProblem): boolean {
  const { right, wrong } = signChoices(problem);
  return right.length > 0 && wrong.length > 0;
}

/** Draws a problem of a slice with `level` numbers that has both a right and a wrong choice of signs. */
export function drawProblem(rng: CounterRng, slice: Slice, level: number, times = false): DialProblem {
  if (!Number.isInteger(level) || level < 3 || level > 8) {
    throw new RangeError(`dial: expected a level of 3 to 8 numbers, got ${level}.`);
  }
  for (;;) {
    const problem = { numbers: Array.from({ length: level }, () => 1 + rng.integer(11)), times };
    if (sliceOf(problem) === slice && isSolvable(problem)) return problem;
  }
}

/** A slice of few numbers is small (level 4: some hundreds of problems): after so many repeats in a row it counts as exhausted. */
const REPEATS = 5000;

/** `count` different problems of a slice, or all of them when it has fewer. */
export function drawProblems(rng: CounterRng, slice: Slice, level: number, count: number): DialProblem[] {
  const seen = new Set<string>();
  const problems: DialProblem[] = [];
  for (let repeats = 0; problems.length < count && repeats < REPEATS; ) {
    const problem = drawProblem(rng, slice, level);
    const key = promptText(problem);
    if (seen.has(key)) {
      repeats++;
      continue;
    }
    repeats = 0;
    seen.add(key);
    problems.push(problem);
  }
  return problems;
}
