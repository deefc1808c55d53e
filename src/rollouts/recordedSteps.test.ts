// The recorded step of the writer (ops/rowProgram) against the same tokens one step at a time, on `simd`.
import { afterAll, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import { CounterRng } from '../lib/counterRng';
import { type Adapter, type AdapterConfig, createAdapter, readAdapter, restoreAdapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { smallDial } from '../models/testing/smallDial';
import '../ops/registerSimd';
import { type Decoder, drawTokens, generate, readTokens, type Sampling } from './generate';
import { KeyValueCache } from './keyValueCache';

afterAll(stopSimd);

const SAMPLING: Sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 12 };
const questions = ['dial 7 3 11 5', 'dial 1 2 3 4 5 6 7 8', 'dial 9 9 9', 'dial 2 4 6 8 10'];

/** Token by token without a recording: what the writer's recorded step must repeat to the last bit. */
async function writtenStepByStep(decoder: Decoder, prompts: Int32Array[], streams: Int32Array, sampling: Sampling) {
  const { cache, model } = decoder;
  cache.reset(prompts.length, 60);
  const rows = prompts.map(() => ({ past: [], own: cache.allocate() }));
  const turns = prompts.map(() => ({ tokens: [] as number[], logProbs: [] as number[], entropies: [] as number[] }));
  let going = [...rows.keys()];
  let unread = prompts;
  for (let step = 0; step < sampling.maxTokens && going.length > 0; step++) {
    const keys = Int32Array.from(going.flatMap((row) => [streams[row], step]));
    const texts = going.map((row) => unread[row]);
    const drawn = await drawTokens(
      readTokens(
        decoder,
        going.map((row) => rows[row]),
        texts,
      ),
      keys,
      sampling,
    );
    going.forEach((row, i) => {
      turns[row].tokens.push(drawn.ids[i]);
      turns[row].logProbs.push(drawn.logProbs[i]);
      turns[row].entropies.push(drawn.entropies[i]);
    });
    unread = turns.map(({ tokens }) => Int32Array.from(tokens.slice(-1)));
    going = going.filter((row) => turns[row].tokens.at(-1) !== model.chat.endId);
  }
  return turns;
}

/** An adapter whose B is not zero. */
async function trainedAdapter(model: LanguageModel): Promise<Adapter> {
  const config: AdapterConfig = { method: 'lora', r: 3, alpha: 6, targets: ['q_proj', 'down_proj'] };
  const values = await readAdapter(createAdapter(model, config, 9));
  const rng = new CounterRng(3, 1);
  for (const { name, data } of values) {
    if (name.includes('lora_B')) for (let i = 0; i < data.length; i++) data[i] = 0.1 * rng.normal();
  }
  return restoreAdapter(model, config, values);
}

test.each([1, 2, 3])('recorded steps repeat the bits, %d threads', async (threads) => {
  await startSimd({ threads });
  const model = smallDial(4);
  const cache = new KeyValueCache(model);
  const prompts = questions.map((content) => model.chat.prompt([{ role: 'user', content }]));
  const many = Array.from({ length: 5 }, () => prompts).flat();
  const streams = Int32Array.from(many, (_, i) => 77 * i + 5);
  for (const adapter of [null, await trainedAdapter(model)]) {
    for (const cut of [{}, { topK: 5, topP: 0.8 }, { temperature: 0 }]) {
      const sampling = { ...SAMPLING, ...cut };
      const decoder = { model, adapter, cache };
      const want = await writtenStepByStep(decoder, many, streams, sampling);
      cache.reset(many.length, 60);
      const rows = many.map(() => ({ past: [], own: cache.allocate() }));
      const logits = readTokens(decoder, rows, many);
      const { bytesInUse } = simdBackend().statistics();
      let replays = 0;
      const stop = simdBackend().wrapKernels((kernel, run) => (...args) => {
        if (kernel === 'runRows') replays++;
        return run(...args);
      });
      const turns = await generate(decoder, rows, logits, streams, sampling);
      stop();
      // The logits are gone too.
      expect(simdBackend().statistics().bytesInUse).toBeLessThan(bytesInUse);
      expect(replays).toBe(Math.max(...turns.map(({ tokens }) => tokens.length)) - 2);
      turns.forEach((turn, i) => {
        expect([...turn.tokens]).toEqual(want[i].tokens);
        expect([...turn.logProbs]).toEqual(want[i].logProbs);
        expect([...turn.entropies]).toEqual(want[i].entropies);
      });
    }
  }
  cache.dispose();
  model.dispose();
});
