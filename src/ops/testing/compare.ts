// How far a float32 result may be from the truth: relative to the largest magnitude in the tensor, which is what the
// rounding of sums is proportional to. Infinities and NaN must be equal exactly. Throws; knows no test runner.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { PlainTensor } from '../cpuKernel';

const largestSeen = new Map<string, number>();

/** The largest relative difference of every kind of check so far, for choosing and reporting tolerances. */
export function measuredDifferences(): ReadonlyMap<string, number> {
  return largestSeen;
}

export function forgetDifferences(): void {
  largestSeen.clear();
}

/** @param kind under which the measured difference is remembered */
export function assertClose(
  kind: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
  where = '',
): void {
  if (got.length !== want.length)
    throw new Error(`${kind} ${where}: expected ${want.length} values, got ${got.length}.`);
  let scale = 0;
  for (let i = 0; i < want.length; i++) if (Number.isFinite(want[i])) scale = Math.max(scale, Math.abs(want[i]));
  for (let i = 0; i < want.length; i++) {
    if (!Number.isFinite(want[i])) {
      if (!Object.is(got[i], want[i])) throw new Error(`${kind} ${where}[${i}]: expected ${want[i]}, got ${got[i]}.`);
      continue;
    }
    // A tensor of zeros has no magnitude of its own: there the tolerance is absolute.
    const difference = Math.abs(got[i] - want[i]) / (scale || 1);
    if (!(difference <= tolerance)) {
      throw new Error(
        `${kind} ${where}[${i}]: expected ${want[i]} within ${tolerance} of the largest magnitude ${scale}, got ${got[i]} (off by ${difference.toExponential(2)}).`,
      );
    }
    largestSeen.set(kind, Math.max(largestSeen.get(kind) ?? 0, difference));
  }
}

export function assertShape(kind: string, got: Tensor, want: PlainTensor): void {
  const dtype = want.data instanceof Int32Array ? 'int32' : 'float32';
  if (String(got.shape) !== String(want.shape) || got.dtype !== dtype) {
    throw new Error(`${kind}: expected ${dtype} [${want.shape}], got ${got.dtype} [${got.shape}].`);
  }
}
