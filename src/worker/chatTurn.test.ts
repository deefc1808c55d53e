// A conversation with a small model: the same answer as the rollouts' decoder gives, told on the way, stopped when asked.
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import type { LanguageModel } from '../models/model';
import { tinyModel } from '../recipes/testing/recipeTrial';
import { answerContexts } from '../rollouts/answerContexts';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { chatTurn } from './chatTurn';

let model: LanguageModel;
beforeAll(async () => {
  await startSimd({ threads: 1 });
  model = tinyModel();
});
afterAll(() => {
  model.dispose();
  stopSimd();
});

const lines = [
  { role: 'user' as const, content: 'a b c' },
  { role: 'assistant' as const, content: 'd' },
  { role: 'user' as const, content: 'c b a' },
];
const job = (part: Partial<Parameters<typeof chatTurn>[0]> = {}) => ({
  model,
  adapter: null,
  lines,
  temperature: 0,
  maxTokens: 6,
  seed: 3,
  onWritten: () => {},
  isStopped: () => false,
  letMessagesIn: async () => {},
  ...part,
});

test('greedy: the tokens that decoding by contexts writes, their log-probabilities, and nothing left behind', async () => {
  const before = memory().numTensors;
  const answer = await chatTurn(job());
  const cache = new KeyValueCache(model);
  const prompt = model.chat.prompt(lines);
  const sampling = { temperature: 0, topK: 0, topP: 1, maxTokens: 6, seed: 3 };
  const [turn] = await answerContexts({ model, adapter: null, cache }, [prompt], Int32Array.of(0), sampling);
  cache.dispose();
  expect(answer.tokens.map(({ id }) => id)).toEqual([...turn.tokens]);
  expect(answer.tokens.map(({ logProb }) => logProb)).toEqual([...turn.logProbs]);
  expect(answer).toMatchObject({ promptTokens: prompt.length, finish: turn.finish });
  expect(answer.text).toBe(model.tokenizer.decode(turn.tokens));
  expect(memory().numTensors).toBe(before);
});

test('stopped: what was written so far is the answer', async () => {
  let asked = 0;
  const before = memory().numTensors;
  const answer = await chatTurn(job({ temperature: 1, isStopped: () => ++asked === 2 }));
  // An answer may have ended by itself before.
  expect(answer.tokens.length).toBeLessThanOrEqual(2);
  expect(['stopped', 'end']).toContain(answer.finish);
  expect(asked).toBe(answer.tokens.length);
  expect(memory().numTensors).toBe(before);
});

test('an answer is no longer than the positions that are left', async () => {
  const { maxPositions } = model.architecture.shape;
  const answer = await chatTurn(job({ maxTokens: 100_000, temperature: 1 }));
  expect(answer.promptTokens + answer.tokens.length).toBeLessThanOrEqual(maxPositions);
  expect(['end', 'length']).toContain(answer.finish);
});

test('a conversation that does not fit, or asks nothing, is refused in one sentence', async () => {
  const long = { role: 'user' as const, content: 'a '.repeat(500) };
  await expect(chatTurn(job({ lines: [long] }))).rejects.toThrow(/expected less than the model's \d+ tokens/);
  await expect(chatTurn(job({ lines: lines.slice(0, 2) }))).rejects.toThrow('what the user says');
});
