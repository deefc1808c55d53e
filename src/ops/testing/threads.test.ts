// A run on `simd` may not depend on how many threads there are: every op, forward and backward, on sizes that make many
// chunks, gives the same bits with one, two, three and five threads, on the plain and on the relaxed binary.
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, test } from 'vitest';
import { startSimd, stopSimd } from '../../backend/simd/simd';
import '../registerSimd';
import { adamW } from '../adamW/adamW';
import { attention } from '../attention/attention';
import { attentionCached } from '../attentionCached/attentionCached';
import { indices } from '../cpuKernel';
import { embedding } from '../embedding/embedding';
import { linear } from '../linear/linear';
import { rmsNorm } from '../rmsNorm/rmsNorm';
import { rotary } from '../rotary/rotary';
import { sampleTokens } from '../sampleTokens/sampleTokens';
import { swiglu } from '../swiglu/swiglu';
import { tokenStatistics } from '../tokenStatistics/tokenStatistics';
import { toTensor } from './opSuite';
import { normals, randomIndices } from './randomTensor';

afterAll(stopSimd);

const [BATCH, TIME, WIDTH, HEADS, KV_HEADS, HIDDEN, VOCABULARY, RANK] = [5, 67, 72, 6, 2, 203, 129, 5];
const ROWS = BATCH * TIME;
const HEAD = WIDTH / HEADS;

const matrix = (rows: number, columns: number, seed: number, scale = 1) =>
  toTensor(normals([rows, columns], seed, scale)) as tf.Tensor2D;
const weights = () => [
  matrix(VOCABULARY, WIDTH, 1),
  toTensor(normals([WIDTH], 2)),
  matrix(WIDTH + 2 * KV_HEADS * HEAD, WIDTH, 3, 0.2),
  matrix(RANK, WIDTH, 4, 0.2),
  matrix(WIDTH + 2 * KV_HEADS * HEAD, RANK, 5, 0.2),
  matrix(HIDDEN, WIDTH, 6, 0.2),
  matrix(HIDDEN, WIDTH, 7, 0.2),
  matrix(VOCABULARY, HIDDEN, 8, 0.1),
];

/** One block of a model with everything in it, down to a scalar. */
function loss(parameters: tf.Tensor[]): tf.Scalar {
  const [table, norm, qkv, a, b, gate, up, head] = parameters as tf.Tensor2D[];
  const ids = toTensor(randomIndices([ROWS], VOCABULARY, 11));
  const positions = toTensor(
    indices(
      [ROWS],
      Array.from({ length: ROWS }, (_, n) => n % TIME),
    ),
  );
  const angles = {
    cos: tf.cos(matrix(TIME, HEAD / 2, 12)) as tf.Tensor2D,
    sin: tf.sin(matrix(TIME, HEAD / 2, 12)) as tf.Tensor2D,
  };
  const x = rmsNorm(embedding(table, ids), norm as unknown as tf.Tensor1D, 1e-5);
  const projected = linear(x, qkv, { lora: { a, b, scale: 2 } });
  const part = (from: number, heads: number) => tf.slice(projected, [0, from], [ROWS, heads * HEAD]);
  const cube = (t: tf.Tensor, heads: number) => tf.reshape(t, [BATCH, TIME, heads * HEAD]) as tf.Tensor3D;
  const q = cube(rotary(part(0, HEADS), positions, angles, HEADS), HEADS);
  const k = cube(rotary(part(WIDTH, KV_HEADS), positions, angles, KV_HEADS), KV_HEADS);
  const v = cube(part(WIDTH + KV_HEADS * HEAD, KV_HEADS), KV_HEADS);
  const ranges = tf.zeros([BATCH, TIME, 3], 'int32') as tf.Tensor3D;
  const seen = tf.reshape(attention(q, k, v, ranges, { heads: HEADS, kvHeads: KV_HEADS, scale: 0.3 }), [ROWS, WIDTH]);
  const y = tf.add(x, seen);
  const logits = linear(swiglu(linear(y, gate), linear(y, up)), head);
  const { logProb, entropy, kl } = tokenStatistics(logits, ids, {
    refLogits: matrix(ROWS, VOCABULARY, 13),
    temperature: 0.8,
  });
  return tf.addN([tf.mean(logProb), tf.mean(entropy), tf.mean(kl)]) as tf.Scalar;
}

async function everything(threads: number, relaxed: boolean): Promise<Record<string, number[]>> {
  const info = await startSimd({ threads, relaxed });
  expect(info.threads).toBe(threads);
  const result = tf.tidy(() => {
    const parameters = weights();
    const { value, grads } = tf.valueAndGrads((...all: tf.Tensor[]) => loss(all))(parameters);
    const zeros = () => parameters.map((t) => tf.zerosLike(t));
    const attrs = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, maxNorm: 0.5, step: 1 };
    const update = adamW(parameters, grads, zeros(), zeros(), attrs);
    const drawn = sampleTokens(matrix(67, VOCABULARY, 14, 2), toTensor(randomIndices([67, 2], 999, 15)), {
      ...{ temperature: 0.9, topK: 40, topP: 0.95, seed: 7 },
    });
    const step = (heads: number, seed: number) => toTensor(normals([7, 1, heads * HEAD], seed)) as tf.Tensor3D;
    const cache = (seed: number) => toTensor(normals([7, 90, KV_HEADS * HEAD], seed)) as tf.Tensor3D;
    const chains = toTensor(indices([7, 1, 2], Array.from({ length: 7 }, (_, r) => [r, 80 - 11 * r]).flat()));
    const decoded = attentionCached(
      step(HEADS, 16),
      step(KV_HEADS, 17),
      step(KV_HEADS, 18),
      cache(19),
      cache(20),
      chains,
      {
        ...{ heads: HEADS, kvHeads: KV_HEADS, scale: 0.3 },
      },
    );
    return {
      value,
      update,
      decoded,
      ...drawn,
      ...Object.fromEntries([...grads, ...parameters].map((t, i) => [`tensor ${i}`, t])),
    };
  });
  return Object.fromEntries(Object.entries(result).map(([name, t]) => [name, Array.from((t as tf.Tensor).dataSync())]));
}

for (const relaxed of [false, true]) {
  test(`the same bits for any number of threads (${relaxed ? 'relaxed' : 'plain'} binary)`, async () => {
    const alone = await everything(1, relaxed);
    for (const values of Object.values(alone)) expect(values.every(Number.isFinite)).toBe(true);
    for (const threads of [2, 3, 5]) expect(await everything(threads, relaxed)).toEqual(alone);
  });
}
