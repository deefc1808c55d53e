// Training over a vocabulary of several chunks: the same loss and gradients as with whole logits, in far less memory.
import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import { CounterRng } from '../lib/counterRng';
import { createAdapter } from '../models/adapter';
import { llama, readLlamaConfig } from '../models/llama';
import { placeModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import '../ops/registerSimd';
import { VOCABULARY_CHUNK } from '../ops/projectedStatistics/projectedStatistics';
import { crossEntropyStep } from './crossEntropy';
import { BatchPacker, batchTensors } from './packedBatch';
import { largestDifference, policyGradientStep, referenceOf } from './policyGradient';

beforeAll(async () => {
  await startSimd({ threads: 2 });
});
afterAll(stopSimd);

const VOCABULARY = 4 * VOCABULARY_CHUNK + 3;
const [ROWS, TIME, WIDTH] = [16, 24, 16];

function wideModel(): LanguageModel {
  const architecture = llama(
    readLlamaConfig({
      ...{ hidden_size: WIDTH, intermediate_size: 24, num_hidden_layers: 1, num_attention_heads: 2 },
      ...{ num_key_value_heads: 2, vocab_size: VOCABULARY, max_position_embeddings: 64, tie_word_embeddings: false },
    }),
  );
  const rng = new CounterRng(3, 3);
  const weights = [...architecture.tensors].map(([name, shape]) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : 0.4 * rng.normal()));
    return [name, { name, shape, data }] as const;
  });
  return placeModel('wide', architecture, new Map(weights), {} as never);
}

/** The same model, but its logits are said to be more than a product: they are computed whole. */
const asWhole = (model: LanguageModel): LanguageModel => ({
  ...model,
  architecture: { ...model.architecture, head: undefined },
});

function batchOf() {
  const rng = new CounterRng(4, 4);
  const packer = new BatchPacker();
  for (let r = 0; r < ROWS; r++) {
    const row = packer.newRow();
    packer.append(
      row,
      Int32Array.from({ length: TIME }, () => rng.integer(VOCABULARY)),
    );
    for (let t = 0; t < TIME; t++) packer.predict(row, t, rng.integer(VOCABULARY));
  }
  return packer.finish(0);
}

const largestOf = (values: ArrayLike<number>) => largestDifference(values, new Float32Array(values.length));
const read = (tensors: Tensor[]) => Promise.all(tensors.map((t) => t.data()));

/** @returns what `use` returned, and the bytes it needed at most beyond what was there */
async function measured<T>(use: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  const { heap } = simdBackend();
  // The first time makes the workspaces, which stay.
  await use();
  const before = heap.statistics().bytesInUse;
  heap.forgetPeak();
  const result = await use();
  expect(heap.statistics().bytesInUse).toBe(before);
  return { result, bytes: heap.statistics().peakBytes - before };
}

const LOGITS = ROWS * TIME * VOCABULARY * 4;

test('cross-entropy', async () => {
  const model = wideModel();
  const adapter = createAdapter(model, { method: 'lora', r: 2, alpha: 4, targets: [] }, 1);
  const batch = batchOf();
  const step = (of: LanguageModel) =>
    measured(() =>
      crossEntropyStep(of, adapter, batch, async (grads, { logProb, entropy }) => ({
        grads: await read(grads),
        columns: [logProb, entropy],
      })),
    );
  const [chunked, whole] = [await step(model), await step(asWhole(model))];
  expect(chunked.result.grads.length).toBe(14);
  chunked.result.grads.forEach((gradient, i) => {
    const scale = Math.max(largestOf(whole.result.grads[i]), 1e-4);
    expect(largestDifference(gradient, whole.result.grads[i])).toBeLessThan(2e-5 * scale);
  });
  chunked.result.columns.forEach((column, i) => {
    expect(largestDifference(column, whole.result.columns[i])).toBeLessThan(1e-5);
  });
  expect(whole.bytes).toBeGreaterThan(2 * LOGITS);
  expect(chunked.bytes).toBeLessThan(0.5 * LOGITS);
});

test('policy gradient with a reference', async () => {
  const model = wideModel();
  const adapter = createAdapter(model, { method: 'full', r: 1, alpha: 1, targets: [] }, 1);
  // Away from the reference, so that the divergence is not zero.
  const moved = adapter.replaced.get('lm_head.weight') as Tensor;
  simdBackend()
    .view(moved)
    .set(
      simdBackend()
        .view(moved)
        .map((x: number, i: number) => x * (1 + 0.1 * (i % 3))),
    );
  const batch = batchOf();
  const rng = new CounterRng(5, 5);
  const random = () => Float32Array.from(batch.targets, () => rng.normal() / batch.targets.length);
  const [weights, klWeights] = [random(), random().map(Math.abs)];
  const step = (of: LanguageModel) =>
    measured(async () => {
      const tensors = batchTensors(batch);
      const { logits: refLogits, logProb } = await referenceOf(of, batch, tensors, 0.9);
      const options = { refLogits, temperature: 0.9, weights, klWeights };
      const seen = await policyGradientStep(of, adapter, batch, tensors, options, async (grads, columns) => ({
        grads: await read(grads),
        columns: [logProb, columns.logProb, columns.entropy, columns.kl],
      }));
      dispose([refLogits, ...Object.values(tensors)] as never);
      return seen;
    });
  const [chunked, whole] = [await step(model), await step(asWhole(model))];
  chunked.result.columns.forEach((column, i) => {
    expect(largestDifference(column, whole.result.columns[i])).toBeLessThan(2e-5);
  });
  expect(largestOf(chunked.result.columns[3])).toBeGreaterThan(0.01);
  chunked.result.grads.forEach((gradient, i) => {
    const scale = Math.max(largestOf(whole.result.grads[i]), 1e-4);
    expect(largestDifference(gradient, whole.result.grads[i])).toBeLessThan(5e-5 * scale);
  });
  expect(chunked.bytes).toBeLessThan(0.6 * whole.bytes);
});
