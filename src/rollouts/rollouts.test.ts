// Rollouts on a small random model: sharing prompts and first attempts changes nothing, batch composition changes nothing, and the
// log-probabilities told while sampling are those that one forward pass over the finished text gives.
import { dispose } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { CORRECTION_INSTRUCTION } from '../lib/dialProblem';
import { createAdapter } from '../models/adapter';
import { smallDial } from '../models/testing/smallDial';
import { testOnEveryBackend } from '../ops/testing/onEveryBackend';
import { tokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { batchLogits, batchTensors } from '../train/packedBatch';
import { largestDifference } from '../train/policyGradient';
import { packTwoAttempts } from '../train/twoAttemptBatch';
import { converse } from './conversations';
import type { Decoder } from './generate';
import { KeyValueCache } from './keyValueCache';
import { answerStream, twoAttempts } from './twoAttempts';

const questions = ['dial 7 3 11 5', 'dial 1 2 3 4 5 6 7 8', 'dial 9 9 9', 'dial 2 4 6 8 10'];
const settings = (firsts: number, seconds: number, maxTokens = 7) => ({
  firsts,
  seconds,
  sampling: { temperature: 1, topK: 0, topP: 1, maxTokens, seed: 12 },
  instruction: CORRECTION_INSTRUCTION,
});

function setUp() {
  const model = smallDial(4);
  const cache = new KeyValueCache(model);
  const prompts = questions.map((content) => model.chat.prompt([{ role: 'user', content }]));
  return { model, cache, prompts, decoder: { model, adapter: null, cache } };
}

async function batchCompositionDoesNotMatter(): Promise<void> {
  const { model, cache, prompts, decoder } = setUp();
  const keys = [11, 22, 33, 44];
  const together = await twoAttempts(decoder, prompts, keys, settings(2, 2));
  for (const order of [[2], [3, 0], [1, 3, 2, 0]]) {
    const apart = await twoAttempts(
      decoder,
      order.map((p) => prompts[p]),
      order.map((p) => keys[p]),
      settings(2, 2),
    );
    order.forEach((p, i) => {
      for (let k = 0; k < 2; k++) {
        expect([...apart.first[2 * i + k].tokens]).toEqual([...together.first[2 * p + k].tokens]);
        for (let k2 = 0; k2 < 2; k2++) {
          const [mine, theirs] = [apart.second[4 * i + 2 * k + k2], together.second[4 * p + 2 * k + k2]];
          expect([...mine.tokens]).toEqual([...theirs.tokens]);
          expect(largestDifference(mine.logProbs, theirs.logProbs)).toBeLessThan(1e-5);
        }
      }
    });
  }
  const texts = new Set(together.second.map((turn) => turn.tokens.join(' ')));
  expect(texts.size).toBeGreaterThan(12); // 16 second attempts are 16 draws, not copies
  cache.dispose();
  model.dispose();
}

/** Two-turn conversations by continuous batching, `places` at once, in this order. */
async function conversed(decoder: Decoder, prompts: Int32Array[], keys: number[], order: number[], places: number) {
  const { followUp } = decoder.model.chat;
  const turns = await converse(decoder, {
    count: order.length,
    next: (i, done) => [prompts[order[i]], followUp(CORRECTION_INSTRUCTION), null][done.length],
    stream: (i, turn) => answerStream(keys[order[i]], turn, 0, 0),
    sampling: settings(1, 1).sampling,
    capacity: 80,
    places,
  });
  return new Map(order.map((p, i) => [p, turns[i]]));
}

/** Any order, any number of places: the texts, the log-probabilities and the entropies of `twoAttempts`, bit for bit. */
async function continuousBatchingChangesNothing(): Promise<void> {
  const { model, cache, prompts, decoder } = setUp();
  const many = Array.from({ length: 6 }, () => prompts).flat();
  const keys = many.map((_, p) => 7 * p + 1);
  const together = await twoAttempts(decoder, many, keys, settings(1, 1));
  const forwards = [...many.keys()];
  for (const [order, places] of [
    [forwards, 24],
    [forwards.toReversed(), 20],
    [[3, 11, 0, 7], 1],
  ] as const) {
    const apart = await conversed(decoder, many, keys, [...order], places);
    for (const p of order) {
      for (const [turn, mine] of [together.first[p], together.second[p]].entries()) {
        const theirs = apart.get(p)?.[turn];
        expect([...(theirs?.tokens ?? [])]).toEqual([...mine.tokens]);
        expect(theirs?.finish).toBe(mine.finish);
        expect(largestDifference(theirs?.logProbs ?? [], mine.logProbs)).toBeLessThan(1e-5);
        expect(largestDifference(theirs?.entropies ?? [], mine.entropies)).toBeLessThan(1e-4);
      }
      expect(apart.get(p)?.length).toBe(2);
    }
  }
  cache.dispose();
  model.dispose();
}

async function logProbabilitiesAgree(): Promise<void> {
  const { model, cache, prompts } = setUp();
  const adapter = createAdapter(model, { method: 'lora', r: 3, alpha: 6, targets: [] }, 9);
  const decoder = { model, adapter, cache };
  for (const [firsts, seconds] of [
    [1, 1],
    [2, 3],
    [3, 0],
  ]) {
    const rollout = await twoAttempts(decoder, prompts, [5, 6, 7, 8], settings(firsts, seconds));
    const batch = packTwoAttempts(model, prompts, rollout, CORRECTION_INSTRUCTION);
    const written = [...rollout.first, ...rollout.second].flatMap((turn) => [...turn.tokens]);
    expect([...batch.targets]).toEqual(written);
    const tensors = batchTensors(batch);
    const logits = batchLogits(model, adapter, batch, tensors);
    const { logProb, entropy, kl } = tokenStatistics(logits, tensors.targets);
    expect(largestDifference(await logProb.data(), batch.sampledLogProbs)).toBeLessThan(1e-5);
    const entropies = [...rollout.first, ...rollout.second].flatMap((turn) => [...turn.entropies]);
    expect(largestDifference(await entropy.data(), entropies)).toBeLessThan(1e-4);
    dispose([logits, logProb, entropy, kl, ...Object.values(tensors)]);
  }
  cache.dispose();
  model.dispose();
}

async function tellsEveryToken(): Promise<void> {
  const { model, cache, prompts, decoder } = setUp();
  const heard: number[][][] = [prompts.map(() => []), prompts.map(() => [])];
  const rollout = await twoAttempts(decoder, prompts, [1, 2, 3, 4], {
    ...settings(1, 1, 30),
    onTokens: (attempt, rows, ids) => {
      for (let i = 0; i < rows.length; i++) heard[attempt][rows[i]].push(ids[i]);
    },
  });
  expect(heard[0]).toEqual(rollout.first.map((turn) => [...turn.tokens]));
  expect(heard[1]).toEqual(rollout.second.map((turn) => [...turn.tokens]));
  for (const turn of [...rollout.first, ...rollout.second]) {
    expect(turn.finish).toBe(turn.tokens.at(-1) === model.chat.endId ? 'end' : 'length');
    expect(turn.tokens.subarray(0, -1).includes(model.chat.endId)).toBe(false);
  }
  cache.dispose();
  model.dispose();
}

testOnEveryBackend({
  op: 'rollouts',
  checks: [
    { title: 'a row’s text does not depend on its batch', run: batchCompositionDoesNotMatter },
    { title: 'continuous batching changes nothing', run: continuousBatchingChangesNothing, slowOnSoftwareGpu: true },
    { title: 'sampled log-probabilities are those of the loss', run: logProbabilitiesAgree },
    { title: 'every token is told as it is written', run: tellsEveryToken },
  ],
});
