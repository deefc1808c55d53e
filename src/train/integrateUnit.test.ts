// NAT's Integrate Unit against float64 vectors (values and all gradients; ours computes in float32), its closed form, and its start.
import { mean, mul, square, sub, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { integrate, negativeShare } from '../models/integrateUnit';
import { gradients } from '../ops/backward';
import { linear } from '../ops/linear/linear';
import { expectClose, type Numbers, readGoldens } from './testing/goldenVectors';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const goldens = readGoldens('losses', 'nat', new URL('./fixtures/nat.json', import.meta.url));
const units = goldens.filter(({ grad }) => grad?.W_up);
/** Float32 of sums over a few products. */
const TOLERANCE = 5e-6;

const flat = ({ shape, data }: Numbers): Tensor2D => tensor2d(data, [data.length / shape.at(-1)!, shape.at(-1)!]);

describe.each(units.map(({ name }) => name))('%s', (name) => {
  const { params, inputs, outputs, grad } = units.find((entry) => entry.name === name)!;
  const read = () => {
    const t = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, flat(value as Numbers)]));
    const negative = { a: t.A_neg, b: t.B_neg };
    const unit = { negative, query: t.W_Q, key: t.W_K, down: t.W_down, up: t.W_up };
    return { t, unit, y: () => integrate(t.x, t.W, undefined, { a: t.A, b: t.B, scale: params.s }, unit) };
  };

  test('value', () => {
    const { t, unit, y } = read();
    expectClose(y().dataSync(), outputs.y.data, TOLERANCE);
    const h = [
      { a: t.A, b: t.B },
      { a: t.A_neg, b: t.B_neg },
    ].map((lora) => linear(t.x, t.W, { lora: { ...lora, scale: params.s } }));
    const [kPositive, kNegative] = h.map((path) => linear(path, unit.key));
    const alpha = negativeShare(linear(t.x, unit.query), kPositive, kNegative);
    expectClose(alpha.dataSync(), outputs.alpha.data, TOLERANCE);
    if (outputs.y_neg_mode) expectClose(h[1].dataSync(), outputs.y_neg_mode.data, TOLERANCE);
  });

  test('gradients of everything that is trained', () => {
    const { t, y } = read();
    const names = ['A', 'B', 'W_Q', 'W_K', 'W_down', 'W_up'];
    const loss = () => mul(mean(square(sub(y(), t.target))), 0.5).asScalar();
    const found = gradients(
      loss,
      names.map((key) => t[key]),
    );
    expectClose(found.value.dataSync(), [outputs.loss], TOLERANCE);
    for (const [i, key] of names.entries()) expectClose(found.grads[i].dataSync(), grad[key].data, TOLERANCE);
  });

  if (name.endsWith('init_W_up_zero')) {
    test('starts as the base, bit for bit, and only W_up learns from the first step', () => {
      const { t, y } = read();
      expect([...y().dataSync()]).toEqual([...linear(t.x, t.W).dataSync()]);
      for (const key of ['A', 'B', 'W_Q', 'W_K', 'W_down']) expect(grad[key].data.every((g) => g === 0)).toBe(true);
    });
  }
});

test.each([
  [0, 0, 1, 0],
  [1, 0, 1.231059, -0.231059],
  [0, 1, 0.768941, 0.231059],
  [Math.log(3), 0, 1.25, -0.25],
  [50, 0, 1.5, -0.5],
  [0, 50, 0.5, 0.5],
])('q·k₊ = %d, q·k₋ = %d: weights %d and %d, which sum to 1', (right, wrong, ofRight, ofWrong) => {
  const q = tensor2d([1, 1], [1, 2]);
  const [alpha] = negativeShare(q, tensor2d([right, 0], [1, 2]), tensor2d([wrong, 0], [1, 2])).dataSync();
  expect(alpha).toBeCloseTo(ofWrong, 6);
  expect(1 - alpha).toBeCloseTo(ofRight, 6);
});

test('the same table from the vectors', () => {
  const { inputs, outputs } = goldens.find(({ name }) => name === 'nat_weights_table')!;
  const rows = inputs.q_dot_k as Numbers;
  const pairs = Array.from({ length: rows.data.length / 2 }, (_, i) => rows.data.slice(2 * i, 2 * i + 2));
  const alphas = pairs.map(([right, wrong]) => {
    const [one, k] = [tensor2d([1], [1, 1]), (value: number) => tensor2d([value], [1, 1])];
    return negativeShare(one, k(right), k(wrong)).dataSync()[0];
  });
  expectClose(alphas, outputs.w_neg.data, TOLERANCE);
  // Raw dot products in place of the softmax, as Eq. 4 is printed, give other weights.
  const raw = pairs.map(([, wrong]) => wrong - 0.5);
  expect(Math.max(...raw.map((w, i) => Math.abs(w - outputs.w_neg.data[i])))).toBeGreaterThan(0.2);
});
