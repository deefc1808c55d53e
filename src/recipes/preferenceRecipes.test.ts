// DPO, SPIN, GRPO and RLOO on a random model: what the first step must tell, what stays frozen, and that they learn.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { dpo } from './dpo';
import { gkd } from './gkd';
import { grpo } from './grpo';
import { kto } from './kto';
import { orpo } from './orpo';
import { ppo } from './ppo';
import { reinforce } from './reinforce';
import { rloo } from './rloo';
import { simpo } from './simpo';
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

describe.each([
  ['kto', kto],
  ['orpo', orpo],
  ['simpo', simpo],
] as const)('%s', (_, recipe) => {
  test.each(['first', 'second'])(
    '%s attempts: tells right from wrong, and writes right more often',
    async (attempt) => {
      const model = tinyModel();
      const settings = { ...amounts, problems: 8, attempt, learningRate: 0.01, sampler: 'policy' };
      const { rows } = await tryRecipe(model, recipe, { settings, totalSteps: 20 });
      const name = attempt === 'first' ? 'train/accuracy_t1' : 'train/accuracy_t2';
      expect(meanOf(rows.slice(-5), name)).toBeGreaterThan(meanOf(rows.slice(0, 3), name) + 0.15);
      model.dispose();
    },
  );
});

test('kto: starts at a half, with the reference point at 0', async () => {
  const model = tinyModel();
  const { rows } = await tryRecipe(model, kto, { settings: amounts, totalSteps: 1 });
  expect(rows[0].loss).toBeCloseTo(0.5, 5);
  expect(rows[0].kl).toBeLessThan(1e-5);
  expect(rows[0]['rewards/margins']).toBeCloseTo(0, 5);
  model.dispose();
});

test('gkd: the student comes near the teacher, on its own answers too, and the teacher stands still', async () => {
  const model = tinyModel();
  const settings = { problems: 16, learningRate: 0.01, teacherShare: 0.5, onPolicy: 1 };
  const { rows, stages, end } = await tryRecipe(model, gkd, { settings, totalSteps: 30 });
  const early = await tryRecipe(model, gkd, { settings, totalSteps: 30, stopAt: 16 });
  const teacher = (from: typeof end) => from.tensors.filter(({ name }) => name.startsWith('aside/teacher/'));
  expect(stages).toEqual(['teacher', 'distil']);
  expect(teacher(end).length).toBeGreaterThan(0);
  expect(teacher(end)).toEqual(teacher(early.end));
  expect(meanOf(rows.slice(-3), 'loss')).toBeLessThan(0.5 * meanOf(rows.slice(15, 17), 'loss'));
  expect(meanOf(rows.slice(-5), 'reward')).toBeGreaterThan(meanOf(rows.slice(15, 18), 'reward') + 0.1);
  model.dispose();
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
  ['reinforce', reinforce],
  ['ppo', ppo],
] as const)('%s', (id, recipe) => {
  test.each(['first', 'second', 'both'])('%s attempts get better', async (attempts) => {
    const model = tinyModel();
    const settings = { ...amounts, problems: 8, attempts, learningRate: 0.01 };
    const { rows, traces } = await tryRecipe(model, recipe, { settings, totalSteps: 25 });
    const name = attempts === 'first' ? 'train/accuracy_t1' : 'train/accuracy_t2';
    expect(meanOf(rows.slice(-5), name)).toBeGreaterThan(meanOf(rows.slice(0, 3), name) + 0.2);
    // Before the first update policy and reference are the same.
    if (id === 'ppo') expect(Math.abs(rows[0]['objective/kl']!)).toBeLessThan(1e-4);
    else if (id === 'rloo') expect(Math.abs(rows[0].kl!)).toBeLessThan(1e-5);
    else expect(rows[0].kl).toBeNull();
    const { advantage, episodes, attempts: turns, context } = traces[0];
    const [first, second] = [attempts === 'second' ? 0 : 1, attempts === 'first' ? [] : [1]];
    expect([...(context?.targets ?? [])]).toEqual(Array.from({ length: episodes }, () => [first, ...second]).flat());
    const last = Array.from({ length: episodes }, (_, e) => advantage[turns * e + turns - 1]);
    // The critic's advantages are centred over tokens of both attempts, not over answers.
    if (id !== 'ppo') expect(Math.abs(last.reduce((sum, a) => sum + a, 0))).toBeLessThan(1e-3);
    model.dispose();
  });
  // REINFORCE makes one update per sample.
  test.each(id === 'reinforce' ? [] : [recipe])(
    'further updates on the same answers meet the clip, and go on from the step before',
    async (reusing) => {
      const model = tinyModel();
      const settings = { ...amounts, problems: 8, updates: 4, learningRate: 0.03 };
      const { rows, end } = await tryRecipe(model, reusing, { settings, totalSteps: 3 });
      expect(end.updates).toBe(12);
      if (id === 'grpo') expect(rows[0]['clip_ratio/region_mean']).toBeGreaterThan(0);
      model.dispose();
    },
  );
});

test('a task without right answers of its own is refused by SPIN', async () => {
  const model = tinyModel();
  const { plainWords } = await import('./testing/recipeTrial');
  const trial = tryRecipe(model, spin, { totalSteps: 1, task: { ...plainWords, solve: undefined } });
  await expect(trial).rejects.toThrow(/knows right answers/);
  model.dispose();
});
