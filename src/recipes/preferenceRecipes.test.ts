// DPO, SPIN, GRPO and RLOO on a random model: what the first step must tell, what stays frozen, and that they learn.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { dpo } from './dpo';
import { grpo } from './grpo';
import { rloo } from './rloo';
import { spin } from './spin';
import { meanOf, tinyModel, tryRecipe } from './testing/recipeTrial';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const amounts = { problems: 16, firsts: 4, seconds: 4 };

describe('dpo', () => {
  test.each(['first', 'second'])(
    '%s attempts: starts at ln 2 without a margin, then tells right from wrong',
    async (attempt) => {
      const model = tinyModel();
      const settings = { ...amounts, attempt, learningRate: 0.01, likelihood: 0 };
      const { rows } = await tryRecipe(model, dpo, { settings, totalSteps: 25 });
      expect(rows[0].loss).toBeCloseTo(Math.LN2, 5);
      expect(rows[0]['rewards/margins']).toBeCloseTo(0, 5);
      expect(meanOf(rows.slice(-5), 'rewards/margins')).toBeGreaterThan(0.2);
      expect(meanOf(rows.slice(-5), 'rewards/accuracies')).toBeGreaterThan(0.8);
      // The samples stay the base's.
      const share = attempt === 'first' ? 'train/accuracy_t1' : 'train/accuracy_t2';
      expect(Math.abs(meanOf(rows.slice(-8), share) - meanOf(rows.slice(0, 8), share))).toBeLessThan(0.12);
      model.dispose();
    },
  );
});

describe('spin', () => {
  test('every iteration begins at ln 2 against itself; the opponent then stands still', async () => {
    const model = tinyModel();
    const settings = { problems: 32, iterations: 2, learningRate: 0.003 };
    const early = await tryRecipe(model, spin, { settings, totalSteps: 20, stopAt: 11 });
    const { rows, end, stages } = await tryRecipe(model, spin, { settings, totalSteps: 20 });
    expect(stages).toEqual(['iteration_1', 'iteration_2']);
    for (const start of [0, 10]) {
      expect(rows[start].loss).toBeCloseTo(Math.LN2, 5);
      expect(rows[start + 9].loss).toBeLessThan(Math.LN2);
      expect(rows[start + 9]['rewards/real']).toBeGreaterThan(rows[start + 9]['rewards/generated']!);
    }
    const opponent = (from: typeof end) => from.tensors.filter(({ name }) => name.startsWith('aside/opponent/'));
    expect(opponent(end).length).toBeGreaterThan(0);
    expect(opponent(end)).toEqual(opponent(early.end));
    // What the opponent of the second iteration writes is nearer to the data: right more often.
    expect(meanOf(rows.slice(10), 'reward')).toBeGreaterThan(meanOf(rows.slice(0, 10), 'reward'));
    model.dispose();
  });
});

describe.each([
  ['grpo', grpo],
  ['rloo', rloo],
] as const)('%s', (id, recipe) => {
  test.each(['first', 'second', 'both'])('%s attempts get better', async (attempts) => {
    const model = tinyModel();
    const settings = { ...amounts, problems: 8, attempts, learningRate: 0.01 };
    const { rows, traces } = await tryRecipe(model, recipe, { settings, totalSteps: 25 });
    const name = attempts === 'first' ? 'train/accuracy_t1' : 'train/accuracy_t2';
    expect(meanOf(rows.slice(-5), name)).toBeGreaterThan(meanOf(rows.slice(0, 3), name) + 0.2);
    // Before the first update policy and reference are the same.
    if (id === 'rloo') expect(Math.abs(rows[0].kl!)).toBeLessThan(1e-5);
    else expect(rows[0].kl).toBeNull();
    const { advantage, episodes, attempts: turns, context } = traces[0];
    const [first, second] = [attempts === 'second' ? 0 : 1, attempts === 'first' ? [] : [1]];
    expect([...(context?.targets ?? [])]).toEqual(Array.from({ length: episodes }, () => [first, ...second]).flat());
    const last = Array.from({ length: episodes }, (_, e) => advantage[turns * e + turns - 1]);
    expect(Math.abs(last.reduce((sum, a) => sum + a, 0))).toBeLessThan(1e-3);
    model.dispose();
  });
  test('further updates on the same answers meet the clip, and go on from the step before', async () => {
    const model = tinyModel();
    const settings = { ...amounts, problems: 8, updates: 4, learningRate: 0.03 };
    const { rows, end } = await tryRecipe(model, recipe, { settings, totalSteps: 3 });
    expect(end.updates).toBe(12);
    if (id === 'grpo') expect(rows[0]['clip_ratio/region_mean']).toBeGreaterThan(0);
    model.dispose();
  });
});

test('a task without right answers of its own is refused by SPIN', async () => {
  const model = tinyModel();
  const { plainWords } = await import('./testing/recipeTrial');
  const trial = tryRecipe(model, spin, { totalSteps: 1, task: { ...plainWords, solve: undefined } });
  await expect(trial).rejects.toThrow(/knows right answers/);
  model.dispose();
});
