// The SCoRe table's offline baselines: what STaR and Pair-SFT keep, where each iteration starts, and that both learn.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { CounterRng } from '../lib/counterRng';
import { createAdapter, disposeAdapter, readAdapter } from '../models/adapter';
import { cappedRightAnswers, iterationStarts, pickSome, repairPairs, starTraces } from '../train/offlineSets';
import { readGoldens } from '../train/testing/goldenVectors';
import { pairSft } from './pairSft';
import { star } from './star';
import { meanOf, tinyModel, tryRecipe } from './testing/recipeTrial';

const selection = readGoldens('losses', 'selection', new URL('./fixtures/selection.json', import.meta.url));
const entry = (name: string) => selection.find((candidate) => candidate.name === name)!;

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

interface TracedRewards {
  problem: number;
  r1: number;
  r2: number;
}

describe('sets of the SCoRe paper’s offline baselines', () => {
  const { inputs, outputs } = entry('score_offline_datasets');
  const traces: TracedRewards[] = inputs.traces;
  const [r1, r2] = [traces.map((trace) => trace.r1), traces.map((trace) => trace.r2)];
  test('STaR keeps what was mended; D+ also what stayed right', () => {
    expect(starTraces(r1, r2, false)).toEqual(outputs.D_STaR);
    expect(starTraces(r1, r2, true)).toEqual(outputs.D_STaR_plus);
  });
  test('the truth table', () => {
    expect(starTraces([0, 0, 1, 1], [0, 1, 0, 1], false)).toEqual([1]);
    expect(starTraces([0, 0, 1, 1], [0, 1, 0, 1], true)).toEqual([1, 3]);
  });
  test('Pair-SFT pairs wrong with right of the same problem; D+ right with another right', () => {
    const found = [...new Set(traces.map(({ problem }) => problem))].map((p) => {
      const start = traces.findIndex(({ problem }) => problem === p);
      const rewards = traces.filter(({ problem }) => problem === p).map((trace) => trace.r1);
      return repairPairs(rewards, start, true);
    });
    expect(found.flatMap(({ repairs }) => repairs)).toEqual(outputs.pair_sft_all_pairs);
    expect(found.flatMap(({ confirmations }) => confirmations)).toEqual(outputs.pair_sft_plus_c_to_c_pairs);
    expect(repairPairs([1, 1, 0], 0, false).confirmations).toEqual([]);
  });
});

describe('ReST-EM’s right answers of a problem', () => {
  test.each(['rest_em_cap1_dedupe', 'rest_em_cap3_dedupe', 'rest_em_cap10_dedupe'])('%s', (name) => {
    const { params, inputs, outputs } = entry(name);
    const samples: { problem: number; text: string; correct: number }[] = inputs.samples;
    outputs.pool_per_problem.forEach((pool: number[], p: number) => {
      const rows = samples.map((sample, i) => ({ ...sample, i })).filter(({ problem }) => problem === p);
      const kept = cappedRightAnswers(
        rows.map(({ text }) => text),
        rows.map(({ correct }) => correct),
        params.cap,
        new CounterRng(1, p),
      ).map((k) => rows[k].i);
      expect(kept).toHaveLength(outputs.count_per_problem[p]);
      for (const i of kept) expect(pool).toContain(i);
    });
  });
  test('some of a list, without repeats', () => {
    const some = pickSome([...Array(10).keys()], 4, new CounterRng(2, 2));
    expect(new Set(some).size).toBe(4);
    expect(pickSome([1, 2], 5, new CounterRng(2, 2)).sort()).toEqual([1, 2]);
  });
});

const AMOUNTS = { problems: 8, firsts: 4, seconds: 2 };

test('STaR starts every iteration from the base and samples from the policy of the one before', async () => {
  expect(iterationStarts(10, 3)).toEqual([0, 3, 6, 10]);
  const model = tinyModel();
  const settings = { ...AMOUNTS, iterations: 2, plus: true, learningRate: 0.01 };
  const first = await tryRecipe(model, star, { settings, totalSteps: 8, stopAt: 4 });
  const next = await tryRecipe(model, star, { settings, totalSteps: 8, stopAt: 5 });
  expect(first.stages).toEqual(['iteration_1']);
  expect(next.stages).toEqual(['iteration_1', 'iteration_2']);
  const values = (end: typeof next.end, name: string) => end.tensors.find((tensor) => tensor.name === name)!.data;
  // What was trained is the sampler now, untouched; the moments count from 1 again.
  for (const { name, data } of first.end.tensors.filter((tensor) => tensor.name.startsWith('base_model'))) {
    expect(values(next.end, `aside/sampler/${name}`)).toEqual(data);
  }
  expect(next.end.updates).toBe(1);
  const fresh = createAdapter(model, star.adapter({ method: 'lora', rank: 16, loraAlpha: 32, targets: '' }), 5);
  const base = await readAdapter(fresh);
  disposeAdapter(fresh);
  const reached = Math.max(
    ...base.map(({ name, data }) => Math.max(...data.map((v, i) => Math.abs(v - values(next.end, name)[i])))),
  );
  // One step of Adam moves no number by more than about its rate.
  expect(reached).toBeGreaterThan(0);
  expect(reached).toBeLessThan(0.011);
  model.dispose();
});

test('what STaR D+ keeps is what it gets better at: second attempts, and the next iteration samples them', async () => {
  const model = tinyModel();
  const settings = { ...AMOUNTS, iterations: 2, plus: true, learningRate: 0.01, problems: 16 };
  const { rows, traces } = await tryRecipe(model, star, { settings, totalSteps: 40 });
  expect(meanOf(rows.slice(20), 'train/accuracy_t2')).toBeGreaterThan(
    meanOf(rows.slice(0, 20), 'train/accuracy_t2') + 0.2,
  );
  // Kept = right at attempt 2, which the chunk tells per episode.
  const chunk = traces[0];
  const term = chunk.terms.indexOf('kept');
  for (let e = 0; e < chunk.episodes; e++) {
    expect(chunk.rewards[(2 * e + 1) * chunk.terms.length + term]).toBe(chunk.correct[2 * e + 1]);
    expect(chunk.rewards[2 * e * chunk.terms.length + term]).toBeNaN();
    // Only what was kept is shown as learned from, and of it only the second attempt.
    expect(chunk.context?.targets?.[2 * e + 1]).toBe(chunk.correct[2 * e + 1]);
    expect(chunk.context?.targets?.[2 * e]).toBe(0);
  }
  model.dispose();
});

test('Pair-SFT learns to answer right where a wrong answer stands, sampling from the base all the time', async () => {
  const model = tinyModel();
  const settings = { problems: 16, firsts: 6, learningRate: 0.01 };
  const { rows } = await tryRecipe(model, pairSft, { settings, totalSteps: 30 });
  expect(meanOf(rows.slice(-5), 'loss')).toBeLessThan(meanOf(rows.slice(0, 5), 'loss') - 0.5);
  expect(Math.abs(meanOf(rows.slice(-10), 'reward') - meanOf(rows.slice(0, 10), 'reward'))).toBeLessThan(0.1);
  model.dispose();
});
