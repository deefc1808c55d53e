// Inputs of the ops' checks. Values are exact float32 numbers, so that a float32 backend and the float64 reference start
// from the same point.
import { CounterRng } from '../../lib/counterRng';
import { type FloatTensor, floats, type IndexTensor, indices } from '../cpuKernel';

const size = (shape: number[]) => shape.reduce((product, n) => product * n, 1);

/** Standard normals times `scale`. */
export function normals(shape: number[], seed: number, scale = 1): FloatTensor {
  const rng = new CounterRng(20261121, seed);
  return floats(
    shape,
    Array.from({ length: size(shape) }, () => Math.fround(scale * rng.normal())),
  );
}

export function constants(shape: number[], value: number): FloatTensor {
  return floats(shape, new Float64Array(size(shape)).fill(value));
}

/** Uniform integers in [0, n). */
export function randomIndices(shape: number[], n: number, seed: number): IndexTensor {
  const rng = new CounterRng(20261122, seed);
  return indices(
    shape,
    Array.from({ length: size(shape) }, () => rng.integer(n)),
  );
}
