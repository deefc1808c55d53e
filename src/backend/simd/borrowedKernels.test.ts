// Every small tfjs operation that losses and metrics use gives on `simd` what it gives on tfjs' own cpu backend.
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import '../../ops/registerSimd';
import { lentTensors } from './borrowedKernels';
import { simdBackend, startSimd, stopSimd } from './simd';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(stopSimd);

const ramp = (n: number, factor = 0.37, from = -1.9) => Float32Array.from({ length: n }, (_, i) => from + factor * i);
const matrix = (): tf.Tensor2D => tf.tensor2d(ramp(21), [3, 7]);
const other = (): tf.Tensor2D => tf.tensor2d(ramp(21, -0.21, 2.3), [3, 7]);
const row = () => tf.tensor1d(ramp(7, 0.5, 0.25));
const column = () => tf.tensor2d([0.5, -2, 3], [3, 1]);
const positive = () => tf.tensor2d(ramp(21, 0.3, 0.1), [3, 7]);
const whole = () => tf.tensor1d([4, 0, 2, 2], 'int32');
const truth = () => tf.greater(matrix(), 1);
const cube = () => tf.tensor3d(ramp(30), [2, 3, 5]);

const operations: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  'sub, broadcast over rows': () => tf.sub(matrix(), row()),
  'mul, broadcast over columns': () => tf.mul(matrix(), column()),
  'mul by a number': () => tf.mul(matrix(), 1.5),
  'mul of integers': () => tf.mul(whole(), whole()),
  div: () => tf.div(matrix(), positive()),
  'add, broadcast': () => tf.add(cube(), tf.tensor1d(ramp(5))),
  'neg, abs, square, sqrt': () => [tf.neg(matrix()), tf.abs(matrix()), tf.square(matrix()), tf.sqrt(positive())],
  'exp, log, expm1, log1p': () => [tf.exp(matrix()), tf.log(positive()), tf.expm1(matrix()), tf.log1p(positive())],
  'sigmoid, tanh, softplus, relu': () => [
    tf.sigmoid(matrix()),
    tf.tanh(matrix()),
    tf.softplus(matrix()),
    tf.relu(matrix()),
  ],
  'rsqrt, reciprocal, sign, floor, round': () => [
    tf.rsqrt(positive()),
    tf.reciprocal(positive()),
    tf.sign(matrix()),
    tf.floor(matrix()),
    tf.round(matrix()),
  ],
  pow: () => tf.pow(positive(), row()),
  'maximum, minimum, squaredDifference': () => [
    tf.maximum(matrix(), other()),
    tf.minimum(matrix(), row()),
    tf.squaredDifference(matrix(), other()),
  ],
  clipByValue: () => tf.clipByValue(matrix(), -0.5, 1.25),
  'comparisons give bool': () => [
    tf.greater(matrix(), other()),
    tf.greaterEqual(matrix(), 0),
    tf.less(matrix(), row()),
    tf.lessEqual(matrix(), other()),
    tf.equal(whole(), 2),
    tf.notEqual(whole(), whole()),
  ],
  'logic on bool': () => [
    tf.logicalAnd(truth(), tf.logicalNot(truth())),
    tf.logicalOr(truth(), tf.less(matrix(), 0)),
    tf.logicalNot(truth()),
  ],
  'where (Select)': () => tf.where(truth(), matrix(), other()),
  cast: () => [
    tf.cast(truth(), 'float32'),
    tf.cast(matrix(), 'int32'),
    tf.cast(whole(), 'float32'),
    tf.cast(matrix(), 'bool'),
  ],
  'sum of all, of rows, of columns, kept': () => [
    tf.sum(matrix()),
    tf.sum(matrix(), 1),
    tf.sum(matrix(), 0),
    tf.sum(cube(), [0, 2], true),
  ],
  'sum of a long column, a long row, a middle axis': () => [
    tf.sum(tf.reshape(tf.sin(tf.range(0, 7 * 331)), [331, 7]), 0),
    tf.sum(tf.reshape(tf.cos(tf.range(0, 3 * 1031)), [3, 1031]), 1),
    tf.sum(tf.reshape(tf.cos(tf.range(0, 5 * 67)), [5, 67]), 0, true),
    tf.sum(cube(), 1),
    tf.sum(cube(), [0, 1]),
    tf.sum(cube(), [1, 2]),
    tf.sum(tf.scalar(3)),
  ],
  'sum of integers and of bool': () => [tf.sum(whole()), tf.sum(truth())],
  'mean, max, min, prod': () => [
    tf.mean(matrix()),
    tf.mean(cube(), 1),
    tf.max(matrix(), 1),
    tf.min(matrix(), 0),
    tf.prod(positive(), 1),
  ],
  'all, any': () => [tf.all(truth(), 1), tf.any(truth(), 0)],
  'argMax, argMin': () => [tf.argMax(matrix(), 1), tf.argMin(matrix(), 0)],
  'cumsum, softmax, logSoftmax, logSumExp': () => [
    tf.cumsum(matrix(), 1),
    tf.softmax(matrix()),
    tf.logSoftmax(matrix()),
    tf.logSumExp(matrix(), 1),
  ],
  'slice of a part, of everything': () => [tf.slice(cube(), [0, 1, 2], [2, 2, 2]), tf.slice(matrix(), [0, 0], [3, 7])],
  'concat, split': () => [
    tf.concat([matrix(), other()], 0),
    tf.concat([matrix(), column()], 1),
    ...tf.split(matrix(), [2, 5], 1),
  ],
  'stack, unstack': () => [tf.stack([matrix(), other()], 1), ...tf.unstack(matrix(), 0)],
  'transpose of two and of three axes': () => [tf.transpose(matrix()), tf.transpose(cube(), [2, 0, 1])],
  'tile, reverse, pad': () => [
    tf.tile(matrix(), [2, 3]),
    tf.reverse(matrix(), 1),
    tf.pad(
      matrix(),
      [
        [1, 0],
        [0, 2],
      ],
      9,
    ),
  ],
  'expandDims, squeeze, reshape, clone': () => [
    tf.expandDims(matrix(), 1),
    tf.squeeze(column()),
    tf.reshape(matrix(), [7, 3]),
    tf.clone(matrix()),
  ],
  'gather rows and columns': () => [tf.gather(tf.tensor2d(ramp(10), [5, 2]), whole()), tf.gather(matrix(), [6, 0], 1)],
  'gatherND, oneHot, range': () => [
    tf.gatherND(matrix(), tf.tensor2d([0, 3, 2, 6], [2, 2], 'int32')),
    tf.oneHot(whole(), 5),
    tf.range(0, 5, 1, 'int32'),
  ],
  'isNaN, isFinite': () => [
    tf.isNaN(tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY])),
    tf.isFinite(tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY])),
  ],
  matMul: () => tf.matMul(matrix(), other(), false, true),
  'gradient of a loss made of many of them': () => {
    const loss = (x: tf.Tensor) => {
      const ratio = tf.exp(tf.clipByValue(tf.sub(x, other()), -1, 1));
      const best = tf.minimum(tf.mul(ratio, column()), tf.where(truth(), x, tf.square(x)));
      const picked = tf.gather(tf.reshape(best, [21]), tf.tensor1d([3, 3, 20], 'int32'));
      return tf.add(tf.mean(picked), tf.sum(tf.div(tf.slice(best, [1, 2], [2, 3]), 3))) as tf.Scalar;
    };
    return tf.grad(loss)(matrix());
  },
};

async function outcome(backend: string, compute: () => tf.Tensor | tf.Tensor[]) {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const result = tf.tidy(compute);
  const tensors = Array.isArray(result) ? result : [result];
  const read = tensors.map((t) => ({ shape: t.shape, dtype: t.dtype, values: Array.from(t.dataSync()) }));
  for (const t of tensors) t.dispose();
  return { read, left: tf.memory().numTensors - before };
}

for (const [title, compute] of Object.entries(operations)) {
  test(title, async () => {
    const want = await outcome('cpu', compute);
    const got = await outcome('simd', compute);
    expect(got.left).toBe(0);
    expect(got.read.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
      want.read.map(({ shape, dtype }) => ({ shape, dtype })),
    );
    got.read.forEach(({ values }, i) => {
      values.forEach((value, j) => {
        const expected = want.read[i].values[j];
        // One float32 rounding more or less than the other backend.
        if (Number.isFinite(expected))
          expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
        else expect(value).toBe(expected);
      });
    });
  });
}

test('blocks of the heap are given back', async () => {
  await tf.setBackend('simd');
  const held = () => [tf.memory().numDataBuffers, simdBackend().statistics().blocks, lentTensors()];
  const before = held();
  for (let i = 0; i < 20; i++) for (const compute of Object.values(operations)) tf.dispose(tf.tidy(compute));
  expect(held()).toEqual(before);
  expect(lentTensors()).toBe(0);
});
