// A base held in blocks: the original's logits from a GGUF of ten types, the bits of the same weights in float32 (values, gradients,
// decoding), and what may not be done with it.
import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import { createAdapter, disposeAdapter, trainables } from '../models/adapter';
import { memoryBytes } from '../models/files/memoryBytes';
import { openGguf } from '../models/files/openGguf';
import type { StoredTensor } from '../models/files/tensorSource';
import type { LanguageModel } from '../models/model';
import { openModel } from '../models/openModel';
import { type Holding, heldBytes, placeStored } from '../models/residentWeights';
import { readSafetensors } from '../models/safetensors';
import { goldenFile, goldenJson } from '../models/testing/goldenFiles';
import '../ops/registerSimd';
import { generate, readTokens } from '../rollouts/generate';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { crossEntropyStep } from './crossEntropy';
import { BatchPacker, batchLogits, batchTensors, type PackedBatch } from './packedBatch';
import { textPerplexity } from './textPerplexity';

beforeAll(async () => {
  await startSimd({ threads: 2 });
});
afterAll(stopSimd);

const fixtures = new URL('../models/fixtures/gguf/', import.meta.url);
const LORA = { method: 'lora' as const, r: 4, alpha: 8, targets: [] };

async function open(holding: Holding): Promise<LanguageModel> {
  const description = await openGguf(memoryBytes('x.gguf', goldenFile('gguf', 'tiny-llama.gguf', fixtures)));
  return openModel(description, { id: 'tiny', holding });
}

/** The golden ids, every next token asked for. */
function batchOf(ids: number[][]): PackedBatch {
  const packer = new BatchPacker();
  for (const list of ids) {
    const row = packer.newRow();
    packer.append(row, list);
    for (let t = 0; t < list.length; t++) packer.predict(row, t, list[Math.min(t + 1, list.length - 1)]);
  }
  return packer.finish(0);
}

/** Where two lists are not the same number; −1 = nowhere. */
const differs = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length ? Array.from(a).findIndex((value, i) => !Object.is(value, b[i])) : 0;

interface Run {
  logits: Float32Array;
  grads: Float32Array[];
  tokens: number[][];
}

async function run(model: LanguageModel, ids: number[][]): Promise<Run> {
  const batch = batchOf(ids);
  const tensors = batchTensors(batch);
  const logits = batchLogits(model, null, batch, tensors);
  const values = Float32Array.from(await logits.data());
  const adapter = createAdapter(model, LORA, 3);
  for (const { b } of adapter.lora.values()) {
    const view = simdBackend().view(b);
    view.set(view.map((_, i) => 0.02 * Math.sin(i)));
  }
  const grads = await crossEntropyStep(model, adapter, batch, (given: Tensor[]) =>
    Promise.all(given.map(async (g) => Float32Array.from(await g.data()))),
  );
  const cache = new KeyValueCache(model);
  cache.reset(ids.length, ids[0].length + 9);
  const rows = ids.map(() => ({ past: [], own: cache.allocate() }));
  const decoder = { model, adapter, cache };
  const first = readTokens(
    decoder,
    rows,
    ids.map((list) => Int32Array.from(list)),
  );
  const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 8, seed: 0 };
  const turns = await generate(decoder, rows, first, new Int32Array(ids.length), sampling);
  dispose([logits, ...Object.values(tensors)]);
  cache.dispose();
  disposeAdapter(adapter);
  return { logits: values, grads, tokens: turns.map(({ tokens }) => [...tokens]) };
}

describe('tiny-llama.gguf, ten types of blocks', () => {
  const golden = goldenJson('gguf', 'tiny-llama.golden.json', fixtures);
  const reference = readSafetensors(
    goldenFile('gguf', 'tiny-llama.golden.safetensors', fixtures),
    'golden',
    (name) => name === 'logits',
  );

  test('as stored: the original’s logits, and the bits of float32', async () => {
    const models = { stored: await open('stored'), float32: await open('float32') };
    const ids: number[][] = golden.input_ids;
    expect(models.stored.quantised?.size).toBeGreaterThan(10);
    expect(models.float32.quantised?.size ?? 0).toBe(0);
    expect(models.stored.bytes).toBeLessThan(0.4 * models.float32.bytes);
    const [stored, float32] = [await run(models.stored, ids), await run(models.float32, ids)];
    const want = reference.get('logits')!.data;
    expect(stored.logits.length).toBe(want.length);
    expect(Math.max(...stored.logits.map((value, i) => Math.abs(value - want[i])))).toBeLessThan(2e-4);
    expect(differs(stored.logits, float32.logits)).toBe(-1);
    stored.grads.forEach((grad, i) => {
      expect(differs(grad, float32.grads[i])).toBe(-1);
    });
    expect(stored.tokens).toEqual(float32.tokens);
    for (const model of Object.values(models)) model.dispose();
  });

  test('quantised on the way: smaller, and further off the fewer the bits', async () => {
    const ids: number[][] = golden.input_ids;
    const of = async (holding: Holding) => {
      const model = await open(holding);
      const { logits } = await run(model, ids);
      const bytes = model.bytes;
      model.dispose();
      return { logits, bytes };
    };
    const [float32, eight, four] = [await of('float32'), await of('Q8_0'), await of('Q4_0')];
    const distance = (a: Float32Array) => Math.hypot(...a.map((value, i) => value - float32.logits[i]));
    expect(eight.bytes).toBeLessThan(0.4 * float32.bytes);
    expect(four.bytes).toBeLessThan(eight.bytes);
    expect(distance(eight.logits)).toBeGreaterThan(0);
    expect(distance(eight.logits)).toBeLessThan(0.3 * distance(four.logits));
  });

  test('its weights cannot be trained themselves, and nothing stays behind', async () => {
    const before = simdBackend().statistics().bytesInUse;
    const model = await open('stored');
    expect(() => createAdapter(model, { ...LORA, method: 'full' }, 1)).toThrow(/expected weights in float32/);
    expect(trainables(createAdapter(model, LORA, 1)).length).toBeGreaterThan(0);
    model.dispose();
    expect(simdBackend().statistics().bytesInUse - before).toBeLessThan(2 ** 20);
  });
});

test('perplexity of a text: exp of the mean −log π, in rows that overlap by one token', async () => {
  const model = await open('stored');
  const short = 'The answer is 42.';
  const { ids } = model.tokenizer.encodeDocument(short);
  const batch = batchOf([[...ids]]);
  const tensors = batchTensors(batch);
  const logits = batchLogits(model, null, batch, tensors);
  const values = await logits.data();
  const { vocabulary } = model.architecture.shape;
  let total = 0;
  for (let t = 0; t + 1 < ids.length; t++) {
    const row = Array.from(values.subarray(t * vocabulary, (t + 1) * vocabulary));
    total += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[ids[t + 1]];
  }
  const perplexity = await textPerplexity(model, null, short);
  expect(perplexity / Math.exp(total / (ids.length - 1))).toBeCloseTo(1, 4);
  // The fixed text is longer than the model's 128 positions.
  expect(Number.isFinite(await textPerplexity(model, null))).toBe(true);
  dispose([logits, ...Object.values(tensors)]);
  model.dispose();
});

describe('a tensor on its way', () => {
  const stored = (type: StoredTensor['type'], shape: number[], bytes: Uint8Array): StoredTensor => {
    const width = bytes.byteLength / shape.slice(0, -1).reduce((product, n) => product * n, 1);
    const readRows = async (first: number, count: number) => bytes.slice(first * width, (first + count) * width);
    return { name: 'w', type, shape, bytes: bytes.byteLength, readRows };
  };

  test('an infinite scale is refused, in blocks and in float32', async () => {
    const bytes = new Uint8Array(4 * 34);
    bytes.set([0, 0x7c], 2 * 34);
    for (const holding of ['stored', 'float32', 'Q4_0'] as const) {
      const before = simdBackend().statistics().bytesInUse;
      await expect(placeStored(stored('Q8_0', [4, 32], bytes), holding, 'x.gguf')).rejects.toThrow(
        /x.gguf, tensor "w": expected finite numbers/,
      );
      expect(simdBackend().statistics().bytesInUse).toBe(before);
    }
  });

  test('slices of a large table come to lie where they belong', async () => {
    const [rows, columns] = [70_000, 32];
    const values = Float32Array.from({ length: rows * columns }, (_, i) => (i % 8191) - 4000);
    const table = await placeStored(stored('F32', [rows, columns], new Uint8Array(values.buffer)), 'stored', 'x');
    expect(differs(await (table as Tensor).data(), values)).toBe(-1);
    (table as Tensor).dispose();
  });

  test('rows that are no whole blocks stay what they are', () => {
    const odd = { shape: [8, 40], type: 'F16' as const };
    expect(heldBytes(odd, 'Q8_0')).toBe(8 * 40 * 2);
    expect(heldBytes({ shape: [8, 64], type: 'F16' }, 'Q8_0')).toBe(8 * 68);
    expect(heldBytes({ shape: [8, 64], type: 'Q4_1' }, 'Q8_0')).toBe(8 * 40);
    expect(heldBytes({ shape: [64], type: 'F16' }, 'stored')).toBe(256);
  });
});
