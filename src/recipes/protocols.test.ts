// Protocols of evaluation that train nothing, on a random model: who is asked how often, and what a review decides.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { evaluateRounds } from '../evaluation/correctionRounds';
import { evaluateManyAttempts, evaluateScaling } from '../evaluation/inferenceScaling';
import { evaluateSelfRefine } from '../evaluation/selfRefine';
import { majority, passAtK } from '../evaluation/voting';
import type { Task } from '../rewards/task';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { readGoldens } from '../train/testing/goldenVectors';
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
  const mute = { ...plainWords, review: undefined };
  await expect(evaluateSelfRefine(decoder, { ...job, task: mute })).rejects.toThrow(/words for feedback/);
  decoder.cache.dispose();
  model.dispose();
});

const selection = readGoldens('losses', 'selection', new URL('./fixtures/selection.json', import.meta.url));
const entry = (name: string) => selection.find((candidate) => candidate.name === name)!;

describe('voting', () => {
  // null there = an answer nobody could read, a group of its own
  test.each([0, 1, 2, 3, 4, 5])('majority_%d: ties go to the first seen', (k) => {
    const { inputs, outputs } = entry(`majority_${k}`);
    expect(majority(inputs.answers.map(String))).toBe(String(outputs.first_seen));
  });
  test('scores may turn a vote (ASC): A × 3 at 0.2 against B × 2 at 0.5', () => {
    const answers = ['A', 'A', 'A', 'B', 'B'];
    const scores = [0.2, 0.2, 0.2, 0.5, 0.5];
    expect(majority(answers)).toBe('A');
    expect(majority(answers, scores)).toBe('B');
    expect(
      majority(
        answers,
        scores.map((s) => 1 + s),
      ),
    ).toBe('A');
    expect(() => majority([])).toThrow(/at least one answer/);
  });
  test('pass@k', () => {
    const { inputs, outputs } = entry('pass_at_k');
    inputs.n_c_k.forEach(([n, c, k]: [number, number, number], i: number) => {
      expect(passAtK(n, c, k)).toBeCloseTo(outputs.pass_at_k[i], 10);
    });
  });
});

/** The instruction alone decides what a trained model would say; here the random one is enough. */
async function withModel(check: (decoder: Parameters<typeof evaluateScaling>[0]) => Promise<void>): Promise<void> {
  const model = tinyModel();
  const decoder = { model, adapter: null, cache: new KeyValueCache(model) };
  await check(decoder);
  decoder.cache.dispose();
  model.dispose();
}

test('parallel and sequential: the same number of responses, the same first answers, pass@n at least the vote', () =>
  withModel(async (decoder) => {
    const job = { task: plainWords, problems, temperature: 0.7, seed: 3 };
    const points = await evaluateScaling(decoder, job, [2, 4, 8]);
    expect(points.map(({ responses }) => responses)).toEqual([2, 4, 8]);
    for (const point of points) {
      expect(point.difference.delta).toBeCloseTo(point.sequential - point.parallel, 12);
      expect(point.passAtN).toBeGreaterThanOrEqual(point.parallel - 1e-12);
      // One token at least and maxTokens at most for each response: neither way has more of them.
      for (const tokens of [point.tokensParallel, point.tokensSequential]) {
        expect(tokens).toBeGreaterThanOrEqual(point.responses);
        expect(tokens).toBeLessThanOrEqual(point.responses * plainWords.maxTokens);
      }
    }
    // The budget 2 does not depend on what else is measured.
    const [alone] = await evaluateScaling(decoder, job, [2]);
    expect(alone.parallel).toBe(points[0].parallel);
    expect(alone.sequential).toBe(points[0].sequential);
  }));

test('many attempts: the first is the plain answer, each later one a row of its own', () =>
  withModel(async (decoder) => {
    const rows = await evaluateManyAttempts(decoder, { task: plainWords, problems, temperature: 0, seed: 3 }, 4);
    expect(rows).toHaveLength(4);
    expect(rows[0].unchanged).toBeNull();
    for (const { accuracy, interval, unchanged } of rows.slice(1)) {
      expect(interval.low).toBeLessThanOrEqual(accuracy);
      expect(interval.high).toBeGreaterThanOrEqual(accuracy);
      expect(unchanged).toBeGreaterThanOrEqual(0);
    }
  }));

describe('rounds of review', () => {
  const task = reviewing(() => true);
  test('intrinsic: 1, 3, 5 calls; flips over all problems sum to 1 and explain the change', () =>
    withModel(async (decoder) => {
      const rounds = await evaluateRounds(decoder, { task, problems, temperature: 1, seed: 3 }, 'intrinsic');
      expect(rounds.map(({ calls }) => calls)).toEqual([1, 3, 5]);
      expect(rounds.map(({ selfConsistencyCalls }) => selfConsistencyCalls)).toEqual([1, 3, 5]);
      for (const round of rounds) {
        const { unchanged, cToI, iToC, iToIChanged, cToCChanged } = round;
        expect(unchanged + cToI + iToC + iToIChanged + cToCChanged).toBeCloseTo(1, 12);
        expect(round.accuracy - rounds[0].accuracy).toBeCloseTo(iToC - cToI, 12);
      }
      expect(rounds[0].unchanged).toBe(1);
      expect(rounds[2].iToC + rounds[2].cToI).toBeGreaterThan(0);
    }));
  test.each([1, 2, 3])('oracle, seed %d: never falls, breaks nothing, and asks only about wrong answers', (seed) =>
    withModel(async (decoder) => {
      const rounds = await evaluateRounds(decoder, { task, problems, temperature: 1, seed }, 'oracle', 3);
      for (let r = 1; r < rounds.length; r++) {
        expect(rounds[r].accuracy).toBeGreaterThanOrEqual(rounds[r - 1].accuracy);
        expect(rounds[r].cToI + rounds[r].cToCChanged).toBe(0);
        expect(rounds[r].calls).toBeCloseTo(rounds[r - 1].calls + 2 * (1 - rounds[r - 1].accuracy), 12);
      }
    }),
  );
});
