// What can be said about a problem without asking any model.
import { lastLanding, type Sign } from '../lib/dialProblem';

export const SMALLEST = 1;
export const LARGEST = 11;

export function areValidNumbers(numbers: readonly number[]): boolean {
  return numbers.every((number) => Number.isInteger(number) && number >= SMALLEST && number <= LARGEST);
}

/** How many choices of signs land on 0, of how many. */
export function countSolutions(numbers: readonly number[]): { right: number; all: number } {
  const hops = numbers.length - 1;
  const all = 2 ** hops;
  let right = 0;
  for (let choice = 0; choice < all; choice++) {
    const signs = Array.from({ length: hops }, (_, i): Sign => ((choice >> i) & 1 ? '-' : '+'));
    if (lastLanding({ numbers: [...numbers], times: false }, signs) === 0) right++;
  }
  return { right, all };
}
