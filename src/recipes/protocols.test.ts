// Protocols of evaluation that train nothing, on a random model: who is asked how often, and what a review decides.
import { afterAll, beforeAll, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { evaluateSelfRefine } from '../evaluation/selfRefine';
import type { Task } from '../rewards/task';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { plainWords, tinyModel } from './testing/recipeTrial';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const N = 40;
const problems = Array.from({ length: N }, (_, i) => 1 + (i % 11));
const reviewing = (approves: (feedback: string) => boolean): Task<number> => ({
  ...plainWords,
  review: { question: 'Is it correct?', maxTokens: 1, approves },
});

test('Self-Refine: an approved answer is kept, a refused one is written again; calls are counted', async () => {
  const model = tinyModel();
  const decoder = { model, adapter: null, cache: new KeyValueCache(model) };
  const job = { problems, temperature: 1, seed: 3 };
  const kept = await evaluateSelfRefine(decoder, { ...job, task: reviewing(() => true) });
  expect(kept).toMatchObject({ approvedRate: 1, calls: 2 * N, delta: 0, iToC: 0, cToI: 0, n: N });
  const again = await evaluateSelfRefine(decoder, { ...job, task: reviewing(() => false) });
  expect(again).toMatchObject({ approvedRate: 0, calls: 3 * N, accuracyT1: kept.accuracyT1 });
  expect(again.iToC + again.cToI).toBeGreaterThan(0);
  expect(again.tokens).toBeGreaterThan(kept.tokens);
  const some = await evaluateSelfRefine(decoder, { ...job, task: reviewing((feedback) => feedback !== '') });
  expect(some.calls).toBe(Math.round(N * (3 - some.approvedRate)));
  await expect(evaluateSelfRefine(decoder, { ...job, task: plainWords })).rejects.toThrow(/words for feedback/);
  decoder.cache.dispose();
  model.dispose();
});
