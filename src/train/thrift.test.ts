// Training in little memory: blocks computed again in the backward pass give the same bits, batches in parts the same sums.
import { dispose, memory, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import { CounterRng } from '../lib/counterRng';
import { createAdapter, disposeAdapter, trainables } from '../models/adapter';
import { DIAL_CONFIG, dialInitialWeights } from '../models/dialLlama';
import { llama, readLlamaConfig } from '../models/llama';
import { placeModel } from '../models/loadModel';
import type { LanguageModel, TrainingThrift } from '../models/model';
import '../ops/registerSimd';
import { crossEntropyStep } from './crossEntropy';
import { partsOf } from './microBatches';
import { BatchPacker, batchTensors } from './packedBatch';
import { policyGradientStep, referenceOf } from './policyGradient';

beforeAll(async () => {
  await startSimd({ threads: 2 });
});
afterAll(stopSimd);

const [ROWS, TIME] = [6, 20];

function setUp(method: 'lora' | 'full') {
  const model = placeModel('dial', llama(readLlamaConfig(DIAL_CONFIG)), dialInitialWeights(3), {} as never);
  const adapter = createAdapter(model, { method, r: 4, alpha: 8, targets: [] }, 5);
  const rng = new CounterRng(6, 6);
  const packer = new BatchPacker();
  for (let r = 0; r < ROWS; r++) {
    const row = packer.newRow();
    packer.append(
      row,
      Int32Array.from({ length: TIME - r }, () => rng.integer(60)),
    );
    if (r !== 2) for (let t = r; t < TIME - r - 1; t++) packer.predict(row, t, rng.integer(60));
  }
  return { model, adapter, batch: packer.finish(0) };
}

interface Seen {
  grads: Float32Array[];
  columns: Float32Array[];
  peak: number;
}

/** Gradients of both losses under a thrift, and the most memory held. */
async function measured(
  { model, adapter, batch }: ReturnType<typeof setUp>,
  thrift: TrainingThrift | undefined,
  which: 'crossEntropy' | 'policyGradient',
): Promise<Seen> {
  const thrifty: LanguageModel = { ...model, thrift };
  const read = (grads: Tensor[]) => Promise.all(grads.map(async (g) => Float32Array.from(await g.data())));
  const tensors = batchTensors(batch);
  const before = memory().numTensors;
  simdBackend().heap.forgetPeak();
  const result = async (grads: Tensor[], columns: object): Promise<Seen> => ({
    grads: await read(grads),
    columns: Object.values(columns),
    peak: simdBackend().statistics().peakBytes,
  });
  let seen: Seen;
  if (which === 'crossEntropy') seen = await crossEntropyStep(thrifty, adapter, batch, result);
  else {
    const reference = await referenceOf(thrifty, batch, tensors, 0.9);
    const weights = Float32Array.from(batch.targets, (_, i) => Math.sin(i));
    const klWeights = Float32Array.from(batch.targets, (_, i) => 0.1 + 0.05 * Math.cos(i));
    const options = { refLogits: reference.logits, temperature: 0.9, weights, klWeights };
    seen = await policyGradientStep(thrifty, adapter, batch, tensors, options, result);
    dispose(reference.logits as Tensor);
  }
  expect(memory().numTensors).toBe(before);
  dispose(Object.values(tensors));
  return seen;
}

const ALL = Number.POSITIVE_INFINITY;

test.each([
  ['lora', 'crossEntropy'],
  ['full', 'policyGradient'],
] as const)('recomputed blocks: the same bits, less memory (%s, %s)', async (method, which) => {
  const given = setUp(method);
  // The first step takes what stays: workspace, packed weights.
  await measured(given, undefined, which);
  const plain = await measured(given, undefined, which);
  const again = await measured(given, { recompute: true, positionsAtOnce: ALL }, which);
  expect(again.grads).toEqual(plain.grads);
  expect(again.columns).toEqual(plain.columns);
  expect(again.grads.some((grad) => grad.some((value) => value !== 0))).toBe(true);
  expect(again.peak).toBeLessThan(plain.peak);
  disposeAdapter(given.adapter);
  given.model.dispose();
});

test('parts hold every predicted token once, in whole rows', () => {
  const { batch, model, adapter } = setUp('lora');
  for (const [positions, count] of [
    [1, 5],
    [2 * TIME, 3],
    [5 * TIME, 2],
    [6 * TIME, 1],
  ]) {
    const parts = partsOf(batch, positions);
    expect(parts.length).toBe(count);
    expect(parts.flatMap(({ tokens }) => [...tokens])).toEqual([...batch.from.keys()]);
    for (const { batch: part, tokens } of parts) {
      expect([...part.targets]).toEqual([...tokens].map((i) => batch.targets[i]));
      const ids = [...tokens].map((i) => batch.ids[batch.from[i]]);
      expect([...part.from].map((at) => part.ids[at])).toEqual(ids);
    }
  }
  disposeAdapter(adapter);
  model.dispose();
});

test.each(['crossEntropy', 'policyGradient'] as const)('a batch in parts: the same gradients (%s)', async (which) => {
  const given = setUp('lora');
  const plain = await measured(given, undefined, which);
  const names = trainables(given.adapter).map(({ name }) => name);
  for (const positionsAtOnce of [TIME, 4 * TIME]) {
    const parts = await measured(given, { recompute: positionsAtOnce === TIME, positionsAtOnce }, which);
    parts.grads.forEach((grad, i) => {
      const scale = plain.grads[i].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = grad.reduce((most, value, j) => Math.max(most, Math.abs(value - plain.grads[i][j])), 0);
      expect(worst, names[i]).toBeLessThanOrEqual(2e-6 * scale);
    });
    parts.columns.forEach((column, c) => {
      column.forEach((value, i) => {
        expect(Math.abs(value - plain.columns[c][i])).toBeLessThan(1e-5);
      });
    });
  }
  disposeAdapter(given.adapter);
  given.model.dispose();
});
