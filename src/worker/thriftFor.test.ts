// The smallest saving that makes a run fit is the one that is chosen.
import { expect, test } from 'vitest';
import { llama, readLlamaConfig } from '../models/llama';
import type { RunPlan } from '../protocol/events';
import { thriftFor } from './thriftFor';

const MIB = 2 ** 20;
const model = {
  architecture: llama(
    readLlamaConfig({
      ...{ hidden_size: 128, intermediate_size: 384, num_hidden_layers: 4, num_attention_heads: 4, vocab_size: 64 },
      ...{ max_position_embeddings: 128, rms_norm_eps: 1e-5 },
    }),
  ),
};
const plan = (positions: number | null): RunPlan => ({
  ...{ recipe: 'sft', settings: {}, level: 6, trainedParameters: MIB, positions },
  ...{ weightBytes: 4 * MIB, trainedBytes: 16 * MIB, batchBytes: positions && 64 * MIB, cacheBytes: null },
});

/** Thrift on a device with so much room, and the requests it heard. */
async function chosen(room: number, binding = Number.POSITIVE_INFINITY) {
  const asked: number[] = [];
  const thrift = await thriftFor(model, plan(1024), async (bytes, largest) => {
    asked.push(bytes / MIB);
    return bytes <= room * MIB && largest <= binding;
  });
  return { thrift, asked };
}

test('with room nothing is saved, nor for a run that trains on no batch', async () => {
  expect(await chosen(80)).toEqual({ thrift: undefined, asked: [80] });
  expect(await thriftFor(model, plan(null), async () => false)).toBeUndefined();
});

test('halves until it fits: values, gradients, moments, sums of gradients and a part of the batch', async () => {
  const half = await chosen(79);
  expect(half).toEqual({ thrift: { recompute: false, positionsAtOnce: 512 }, asked: [80, 52] });
  expect((await chosen(30)).thrift).toEqual({ recompute: false, positionsAtOnce: 128 });
});

test('a single tensor may be too large for one binding', async () => {
  // 1,024 positions by 384 numbers, the widest layer
  expect((await chosen(1000, 4 * 1024 * 384)).thrift).toBeUndefined();
  expect((await chosen(1000, 4 * 1024 * 384 - 1)).thrift).toEqual({ recompute: false, positionsAtOnce: 512 });
});

test('blocks are computed again only when parts of a batch do not help, and the last resort is one row at a time', async () => {
  expect((await chosen(20.85)).thrift).toEqual({ recompute: true, positionsAtOnce: 32 });
  expect((await chosen(1)).thrift).toEqual({ recompute: true, positionsAtOnce: 1 });
});
