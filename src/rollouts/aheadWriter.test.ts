// Writing ahead on `webgpu` (SwiftShader): the tokens that `simd` writes one by one, and one read-back for sixteen of them.
import { afterEach, expect, test } from 'vitest';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { startForTests, type TestDevice } from '../backend/webgpu/startForTests';
import { smallDial } from '../models/testing/smallDial';
import '../ops/registerSimd';
import '../ops/registerWebgpu';
import { generate, readTokens, type Sampling, type Turn } from './generate';
import { KeyValueCache } from './keyValueCache';

let device: TestDevice | null = null;
afterEach(() => {
  device?.stop();
  device = null;
  stopSimd();
});

const questions = ['dial 7 3 11 5', 'dial 1 2 3 4 5 6 7 8', 'dial 9 9 9', 'dial 2 4 6 8 10', 'dial 5 5'];
const SAMPLING: Sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 21, seed: 5 };

async function written(): Promise<Turn[]> {
  const model = smallDial(4);
  const cache = new KeyValueCache(model);
  const decoder = { model, adapter: null, cache };
  const prompts = questions.map((content) => model.chat.prompt([{ role: 'user', content }]));
  cache.reset(prompts.length, 64);
  const rows = prompts.map(() => ({ past: [], own: cache.allocate() }));
  const streams = Int32Array.from(prompts, (_, i) => 3 * i + 1);
  const turns = await generate(decoder, rows, readTokens(decoder, rows, prompts), streams, SAMPLING);
  cache.dispose();
  model.dispose();
  return turns;
}

test('twenty-one tokens in three read-backs, the same as on simd', { timeout: 120_000 }, async ({ skip }) => {
  const started = await startForTests('swiftshader');
  if (!started.device) return skip(started.reason);
  device = started.device;
  const buffers = GPUBuffer.prototype;
  const { mapAsync } = buffers;
  let reads = 0;
  buffers.mapAsync = function (this: GPUBuffer, ...all) {
    reads++;
    return mapAsync.apply(this, all);
  };
  const onGpu = await written().finally(() => {
    buffers.mapAsync = mapAsync;
  });
  device.stop();
  device = null;
  await startSimd({ threads: 1 });
  const onCpu = await written();
  // Some answers end early, some are cut.
  const lengths = new Set(onCpu.map(({ tokens }) => tokens.length));
  expect(lengths.size).toBeGreaterThan(1);
  expect(Math.max(...lengths)).toBe(SAMPLING.maxTokens);
  onGpu.forEach((turn, i) => {
    expect([...turn.tokens]).toEqual([...onCpu[i].tokens]);
    expect(turn.finish).toBe(onCpu[i].finish);
    turn.logProbs.forEach((logProb, t) => {
      expect(logProb).toBeCloseTo(onCpu[i].logProbs[t], 4);
    });
  });
  // The first token, sixteen more, the last four.
  expect(reads).toBe(3);
});
