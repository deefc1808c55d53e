// What a device that only says yes or no is found to have, and what a run makes of it.
import { expect, test } from 'vitest';
import { llama, readLlamaConfig } from '../models/llama';
import type { RunPlan } from '../protocol/events';
import { roomOnDevice } from './roomOnDevice';

const MIB = 2 ** 20;
const model = (vocabulary: number) => ({
  architecture: llama(
    readLlamaConfig({
      ...{ hidden_size: 128, intermediate_size: 384, num_hidden_layers: 4, num_attention_heads: 4 },
      ...{ vocab_size: vocabulary, max_position_embeddings: 128, rms_norm_eps: 1e-5 },
    }),
  ),
});
const plan = (positions: number | null): RunPlan => ({
  ...{ recipe: 'sft', settings: {}, task: 'dial', level: 6, trainedParameters: MIB, positions },
  ...{ weightBytes: 4 * MIB, trainedBytes: 16 * MIB, batchBytes: positions && 64 * MIB, cacheBytes: null },
});

/** What is found on a device with so much room, and the sizes it was asked for. */
async function found(room: number, largest = Number.POSITIVE_INFINITY, vocabulary = 64) {
  const asked: number[] = [];
  const device = await roomOnDevice(model(vocabulary), plan(1024), async (bytes, one) => {
    if (bytes > 0) asked.push(bytes / MIB);
    return bytes <= room * MIB && one <= largest;
  });
  return { ...device, asked };
}
const NO_END = Number.POSITIVE_INFINITY;

test('where all of it can be had there is no bound, nor for a run that trains on no batch', async () => {
  expect(await found(80)).toEqual({ memoryRoom: NO_END, mostPositions: NO_END, asked: [80] });
  const never = await roomOnDevice(model(64), plan(null), async () => false);
  expect(never).toEqual({ memoryRoom: NO_END, mostPositions: NO_END });
});

test('where it cannot, what can: with the weights, which are there already', async () => {
  expect(await found(79)).toEqual({ memoryRoom: 64 * MIB, mostPositions: NO_END, asked: [80, 60] });
  expect((await found(44)).memoryRoom).toBe((4 + 33.75) * MIB);
  // It ends even if there is nothing.
  expect((await found(0)).memoryRoom).toBeLessThan(20 * MIB);
});

test('a wide vocabulary counts whole here', async () => {
  const { asked, memoryRoom } = await found(90, NO_END, 2048 + 8192);
  expect(asked[0]).toBe(80 + 64);
  expect(asked.at(-1)).toBeLessThanOrEqual(90);
  expect(memoryRoom).toBe(4 * MIB + 80 * MIB * (asked[asked.length - 1] / 144));
});

test('no tensor is larger than a binding may be', async () => {
  // 1,024 positions by 384 numbers, the widest layer
  expect((await found(1000, 4 * 1024 * 384)).mostPositions).toBe(NO_END);
  expect((await found(1000, 4 * 1024 * 384 - 1)).mostPositions).toBe(512);
  expect((await found(1000, 0)).mostPositions).toBe(1);
});
