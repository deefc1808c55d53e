// The alternatives at each token: what was told while the answer was written is found again in one pass over it.
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { counterBits } from '../lib/counterRng';
import { DIAL_CHAT_TEMPLATE, DIAL_CONFIG, dialInitialWeights, dialTokenizerJson } from '../models/dialLlama';
import { llama, readLlamaConfig } from '../models/llama';
import { placeModel } from '../models/loadModel';
import type { LanguageModel } from '../models/model';
import { dialTask } from '../rewards/dialTask';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { twoAttempts } from '../rollouts/twoAttempts';
import { createChat } from '../tokenizers/chat';
import { readTokenizer } from '../tokenizers/tokenizer';
import { attemptTwice } from './attempt';
import { choiceAt, explainTokens } from './explainTokens';

const problem = { numbers: [7, 3, 11, 5, 2, 8], times: false };
let model: LanguageModel;

beforeAll(async () => {
  await startSimd({ threads: 1 });
  const tokenizer = readTokenizer(dialTokenizerJson());
  const chat = createChat(tokenizer, DIAL_CHAT_TEMPLATE, '<|end|>');
  const architecture = llama(readLlamaConfig({ ...DIAL_CONFIG, num_hidden_layers: 1 }));
  model = placeModel('small', architecture, dialInitialWeights(4), { tokenizer, chat });
});
afterAll(() => {
  model.dispose();
  stopSimd();
});

test('log-probabilities and entropies are those of the sampler, and nothing is left behind', async () => {
  const temperature = 0.7;
  const cache = new KeyValueCache(model);
  const task = dialTask(6);
  const { first, second } = await twoAttempts(
    { model, adapter: null, cache },
    [model.chat.prompt(task.ask(problem))],
    [counterBits(3, 1, 0)],
    {
      firsts: 1,
      seconds: 1,
      sampling: { temperature, topK: 0, topP: 1, maxTokens: task.maxTokens, seed: 3 },
      instruction: task.instruction,
    },
  );
  cache.dispose();
  const before = memory().numTensors;
  const turns = [first[0], second[0]];
  const tokens = turns.map((turn) => Array.from(turn.tokens));
  const explained = await explainTokens({ model, adapter: null, problem, temperature, tokens });
  expect(memory().numTensors).toBe(before);
  expect(explained.map((choices) => choices.length)).toEqual(tokens.map((ids) => ids.length));
  turns.forEach((turn, attempt) => {
    explained[attempt].forEach((choice, i) => {
      expect(choice.logProb).toBeCloseTo(turn.logProbs[i], 5);
      expect(choice.entropy).toBeCloseTo(turn.entropies[i], 5);
      expect(choice.text).toBe(model.tokenizer.tokenText(turn.tokens[i]));
      expect(choice.alternatives).toHaveLength(5);
    });
  });
});

test('greedy writes rank 1 everywhere, top-k 3 nothing beyond rank 3, and the same seed the same answer', async () => {
  const write = async (temperature: number, topK: number) => {
    const job = { model, adapter: null, problem, temperature, topK, topP: 1, seed: 11, onWritten: () => undefined };
    const { tokens } = await attemptTwice(job);
    return { tokens, explained: await explainTokens({ model, adapter: null, problem, temperature, tokens }) };
  };
  const greedy = await write(0, 0);
  expect(greedy.explained.flat().every(({ rank }) => rank === 1)).toBe(true);
  const cut = await write(1.5, 3);
  const ranks = cut.explained.flat().map(({ rank }) => rank);
  expect(Math.max(...ranks)).toBeLessThanOrEqual(3);
  expect(Math.max(...ranks)).toBeGreaterThan(1);
  expect((await write(1.5, 3)).tokens).toEqual(cut.tokens);
});

test('ids that no model wrote are refused with a sentence', async () => {
  const explain = (tokens: number[][]) => explainTokens({ model, adapter: null, problem, temperature: 1, tokens });
  await expect(explain([[1_000_000]])).rejects.toThrow('expected ids of the vocabulary for attempt 1');
  await expect(explain([[1], []])).rejects.toThrow('for attempt 2');
  await expect(explain([Array.from({ length: 5000 }, () => 1)])).rejects.toThrow(/at most \d+ tokens/);
});

describe('one position', () => {
  const textOf = (id: number) => `t${id}`;
  test('probabilities of a distribution by hand', () => {
    // softmax of ln(1), ln(2), ln(4), ln(1) = 1/8, 2/8, 4/8, 1/8
    const choice = choiceAt(Float32Array.from([1, 2, 4, 1], Math.log), 3, 1, textOf);
    expect(choice).toMatchObject({ text: 't3', rank: 4 });
    expect(Math.exp(choice.logProb)).toBeCloseTo(1 / 8, 6);
    expect(choice.entropy).toBeCloseTo(1.75 * Math.LN2, 6);
    // Of equals the lower id comes first, as greedy decoding chooses.
    expect(choice.alternatives.map(({ text }) => text)).toEqual(['t2', 't1', 't0', 't3']);
  });
  test('a lower temperature sharpens, and −infinity is never an accident', () => {
    const logits = Float32Array.from([0, Math.log(2), Number.NEGATIVE_INFINITY]);
    const choice = choiceAt(logits, 1, 0.5, textOf);
    expect(Math.exp(choice.logProb)).toBeCloseTo(4 / 5, 6);
    expect(Number.isFinite(choice.entropy)).toBe(true);
    expect(choice.alternatives[2].logProb).toBe(Number.NEGATIVE_INFINITY);
  });
});
