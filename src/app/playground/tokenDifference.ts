// Which tokens of an answer are not in the other one, in order: what is left after the longest common sequence.
import { diffArrays } from 'diff';

/** For each token of `own`: it has no counterpart in `other`. */
export function tokensThatDiffer(own: readonly string[], other: readonly string[]): boolean[] {
  return diffArrays([...other], [...own])
    .filter((part) => !part.removed)
    .flatMap((part) => part.value.map(() => part.added));
}
