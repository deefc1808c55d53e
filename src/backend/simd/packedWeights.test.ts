// Weights that decoding keeps packed: the same bits as packing anew, out of date as soon as the optimizer changes them, gone with them.
import { dispose, type Tensor, type Tensor2D, tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CounterRng } from '../../lib/counterRng';
import { adamW } from '../../ops/adamW/adamW';
import { linear } from '../../ops/linear/linear';
import '../../ops/registerSimd';
import { simdBackend, startSimd, stopSimd } from './simd';

beforeAll(async () => {
  await startSimd({ threads: 2 });
});
afterAll(stopSimd);

const rng = new CounterRng(9, 9);
const matrix = (rows: number, columns: number) =>
  tensor(
    Float32Array.from({ length: rows * columns }, () => rng.normal()),
    [rows, columns],
  ) as Tensor2D;

/** Rows beyond those that keep a packed form: the first `rows` of the product computed with W packed for this once. */
function anew(x: Tensor2D, w: Tensor2D, lora: Parameters<typeof linear>[2]): Float32Array {
  const [rows, inner] = x.shape;
  const many = tensor(
    Float32Array.from({ length: 600 * inner }, (_, i) => (i < rows * inner ? x.dataSync()[i] : 0)),
    [600, inner],
  );
  return tidy(
    () =>
      linear(many, w, lora)
        .dataSync()
        .slice(0, rows * w.shape[0]) as Float32Array,
  );
}

const sgd = { learningRate: 0.1, beta1: 0, beta2: 0, eps: 1e-8, weightDecay: 0, maxNorm: 0, step: 1 };

test.each([
  [1, 7, 5],
  [64, 128, 384],
  [50, 33, 129],
  [512, 16, 70],
])('%i rows, %i → %i: the same bits, with and without LoRA', (rows, inner, outer) => {
  const [x, w] = [matrix(rows, inner), matrix(outer, inner)];
  const lora = { lora: { a: matrix(3, inner), b: matrix(outer, 3), scale: 2 } };
  for (const options of [{}, lora]) {
    const fresh = anew(x, w, options);
    for (let again = 0; again < 2; again++) {
      const y = tidy(() => linear(x, w, options).dataSync());
      expect(y).toEqual(fresh);
    }
  }
});

test('a weight that the optimizer changed is packed anew', () => {
  const [x, w] = [matrix(8, 24), matrix(40, 24)];
  const before = tidy(() => linear(x, w).dataSync());
  const [grad, m, v] = [matrix(40, 24), zerosLike(w), zerosLike(w)];
  adamW([w], [grad], [m], [v], sgd);
  const after = tidy(() => linear(x, w).dataSync());
  expect(after).not.toEqual(before);
  expect(after).toEqual(anew(x, w, {}));
});

test('the packed form goes with its tensor, and stays within its room', () => {
  const inUse = () => simdBackend().statistics().bytesInUse;
  // The workspace, which stays.
  const [x, w0] = [matrix(4, 1024), matrix(64, 1024)];
  tidy(() => void linear(x, w0));
  w0.dispose();
  const before = inUse();
  const weights: Tensor[] = [];
  for (let i = 0; i < 12; i++) {
    const w = matrix(1024, 1024);
    weights.push(w);
    tidy(() => void linear(x, w));
  }
  // 12 weights of 4 MiB, and room for eight of them packed.
  expect(inUse() - before).toBeLessThanOrEqual((12 * 4 + 32) * 2 ** 20);
  expect(inUse() - before).toBeGreaterThan((12 * 4 + 24) * 2 ** 20);
  dispose(weights);
  expect(inUse()).toBe(before);
});
