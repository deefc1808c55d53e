// Every recipe: goes through and leaks nothing, tells finite metrics and the episodes it learned from, and a run that is left after
// any step and opened again repeats the uninterrupted one bit for bit.
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { checkSettings, type Settings, stageNumbers } from '../protocol/fields';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { BatchPacker } from '../train/packedBatch';
import { recipeById, recipes } from './index';
import { plainWords, tinyModel, tryRecipe } from './testing/recipeTrial';

const AMOUNTS = { problems: 3, firsts: 4, seconds: 2 };
/** Settings that keep a trial short; every other field at its default. */
const short: Record<string, Settings[]> = {
  score: [{ ...AMOUNTS, stageOneShare: 0.5 }],
  sft: [{ conversations: 4 }, { conversations: 4, loss: 'dft' }, { conversations: 4, loss: 'smoothed' }],
  star: [
    { ...AMOUNTS, iterations: 3 },
    { ...AMOUNTS, iterations: 2, plus: true, lossOnFirst: true },
  ],
  'score-star': [
    { ...AMOUNTS, stageOneShare: 0.5 },
    { ...AMOUNTS, stageOneShare: 0, plus: true },
  ],
  'score-refcode': [{ rows: 5, batch: 2, stageOneShare: 0.5 }],
  dpo: [
    { ...AMOUNTS, problems: 6 },
    { ...AMOUNTS, problems: 6, attempt: 'first', loss: 'ipo' },
  ],
  kto: [
    { ...AMOUNTS, problems: 4 },
    { ...AMOUNTS, problems: 4, attempt: 'first', loss: 'apo_zero_unpaired', sampler: 'policy' },
  ],
  orpo: [{ ...AMOUNTS, problems: 6 }],
  simpo: [{ ...AMOUNTS, problems: 6, attempt: 'first', sampler: 'policy', alpha: 0.25 }],
  'rest-em': [{ problems: 3, firsts: 6, iterations: 3, cap: 2 }],
  rest: [
    { problems: 3, firsts: 3, grows: 2, thresholds: '0, 0.5' },
    { problems: 3, firsts: 4, grows: 1, thresholds: '50, 75', filter: 'percentile', originals: 0 },
  ],
  'negative-data': ['kd', 'mix', 'nt', 'ul_token', 'ul_sequence', 'cl']
    .map((loss): Settings => ({ problems: 3, firsts: 4, loss }))
    .concat([{ problems: 3, firsts: 4, source: 'self' }]),
  nat: [
    { problems: 3, firsts: 4, width: 5, negativeShare: 0.5 },
    { problems: 3, firsts: 4, width: 5, negativeShare: 0.25, negative: 'zero', targets: '' },
  ],
  nce: [
    { problems: 3, firsts: 4, width: 5, negativeShare: 0.25, integrateShare: 0.25 },
    {
      problems: 3,
      firsts: 4,
      width: 5,
      negativeShare: 0.25,
      integrateShare: 0.25,
      calibration: 'figure',
      studentData: 'nat',
    },
    { problems: 3, firsts: 4, width: 5, negativeShare: 0.25, integrateShare: 0.25, studentData: 'union' },
  ],
  asc: [
    { problems: 4, firsts: 6 },
    { problems: 4, firsts: 6, ranker: 'head' },
  ],
  'c-rlft': [
    { answers: 12, expertShare: 0.5 },
    { answers: 12, condition: false, weight: 1, data: 'other' },
  ],
  spin: [{ problems: 4, iterations: 3 }],
  grpo: [
    { ...AMOUNTS, updates: 2, beta: 0.04 },
    { ...AMOUNTS, attempts: 'first', loss: 'cispo', epsilonHigh: 5 },
    { ...AMOUNTS, attempts: 'second', level: 'sequence', scale: 'none', loss: 'dr_grpo', delta: 2 },
  ],
  rloo: [
    { ...AMOUNTS, updates: 2 },
    { ...AMOUNTS, attempts: 'first' },
  ],
  reinforce: [
    { ...AMOUNTS, beta: 0.05 },
    { ...AMOUNTS, attempts: 'second', baseline: 'constant' },
  ],
  ppo: [
    { ...AMOUNTS, updates: 2, beta: 0.05 },
    { ...AMOUNTS, attempts: 'first', estimator: 'k3', whitenRewards: true, method: 'full' },
  ],
  reflexion: [
    { problems: 3, conversations: 4, trials: 3 },
    { problems: 3, conversations: 4, trials: 2, memory: 0, evaluator: 'verifier' },
  ],
  sequential: [
    { problems: 4, firsts: 6, solutions: 5, generatorShare: 0.3, evaluatorShare: 0.5 },
    { problems: 4, firsts: 6, solutions: 5, generatorShare: 0, evaluatorShare: 0.5, loss: 'xent' },
    { solutions: 5, generatorShare: 0.25, evaluatorShare: 0.5, control: true },
  ],
  'weak-to-strong': [
    { problems: 4, measured: 6 },
    { problems: 4, measured: 6, loss: 'product', weakRank: 3 },
    { problems: 4, measured: 6, bootstrap: true, schedule: 'reference', weakShare: 0 },
  ],
  gkd: [
    { problems: 3, teacherShare: 0.5 },
    { problems: 3, teacherShare: 0.25, beta: 1, onPolicy: 1 },
    { problems: 3, teacherShare: 0, beta: 0, onPolicy: 0, seqKd: true },
  ],
  'pair-sft': [
    { problems: 3, firsts: 6 },
    { problems: 3, firsts: 6, plus: true },
  ],
};
const STEPS = 4;

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

test('every recipe is tried here', () => {
  expect(Object.keys(short).sort()).toEqual(recipes.map(({ id }) => id).sort());
});

test('every recipe says what its fields are in both languages', () => {
  for (const { id, title, paper, fields } of recipes) {
    expect(title.en && title.ko && paper, id).toBeTruthy();
    expect(new Set(fields.map(({ name }) => name)).size, id).toBe(fields.length);
    for (const { name, label, help } of fields) {
      for (const text of [label, help]) {
        expect(text.en, `${id}.${name}`).not.toBe('');
        expect(text.ko, `${id}.${name}`).not.toBe('');
      }
    }
  }
});

test('a stage of one name has one set of words, in both languages', () => {
  const known = new Map<string, unknown>();
  for (const words of recipes.flatMap(({ stages = [] }) => stages)) {
    expect(known.get(words.stage) ?? words, words.stage).toBe(words);
    known.set(words.stage, words);
    for (const text of [words.name, words.sentence]) expect(text.en && text.ko, words.stage).toBeTruthy();
  }
  expect(known.size).toBeGreaterThan(10);
});

test('presets are settings that can be chosen', () => {
  for (const { id, fields, presets = [] } of recipes) {
    for (const { settings } of presets) expect(checkSettings(fields, settings), id).toMatchObject(settings);
  }
});

describe.each(recipes.map(({ id }) => id))('%s', (id) => {
  test.each(short[id] ?? [])('goes through and resumes bit for bit: %j', async (settings) => {
    const before = memory().numTensors;
    const model = tinyModel();
    const recipe = recipeById(id);
    const whole = await tryRecipe(model, recipe, { settings, totalSteps: STEPS });
    expect(whole.rows).toHaveLength(STEPS);
    for (const row of whole.rows) {
      for (const [name, value] of Object.entries(row))
        expect(value === null || Number.isFinite(value), name).toBe(true);
    }
    expect(whole.rows.some(({ grad_norm }) => (grad_norm ?? 0) > 0)).toBe(true);
    const named = (stage: string) => recipe.stages?.some((words) => stageNumbers(stage, words.stage)) ?? false;
    expect(whole.stages.filter((stage) => !named(stage))).toEqual([]);
    for (const stopAt of [1, 2]) {
      const half = await tryRecipe(model, recipe, { settings, totalSteps: STEPS, stopAt });
      const rest = await tryRecipe(model, recipe, { settings, totalSteps: STEPS, from: structuredClone(half.end) });
      expect(rest.end.tensors.map(({ name }) => name)).toEqual(whole.end.tensors.map(({ name }) => name));
      rest.end.tensors.forEach(({ name, data }, i) => {
        const same = Buffer.from(data.buffer).equals(Buffer.from(whole.end.tensors[i].data.buffer));
        expect(same, `left after ${stopAt}: ${name}`).toBe(true);
      });
      expect(rest.rows).toEqual(whole.rows.slice(stopAt));
    }
    model.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test.each(short[id] ?? [])('holds no more at once than it says: %j', async (settings) => {
    const { load, fields } = recipeById(id);
    if (!load) return;
    const model = tinyModel();
    const lengths = {
      prompt: model.chat.prompt(plainWords.ask(1)).length,
      answer: plainWords.maxTokens,
      followUp: model.chat.followUp(plainWords.instruction).length,
    };
    const said = load(checkSettings(fields, settings), lengths);
    const packed = vi.spyOn(BatchPacker.prototype, 'finish');
    const cached = vi.spyOn(KeyValueCache.prototype, 'reset');
    await tryRecipe(model, recipeById(id), { settings, totalSteps: STEPS });
    const batches = packed.mock.results.map(({ value }) => value);
    expect(Math.max(...batches.map(({ rows, time }) => rows * time))).toBeLessThanOrEqual(said.positions);
    expect(Math.max(...batches.map(({ from }) => from.length))).toBeLessThanOrEqual(said.predicted);
    expect(Math.max(0, ...cached.mock.calls.map(([slots, capacity]) => slots * capacity))).toBeLessThanOrEqual(
      said.cached,
    );
    packed.mockRestore();
    cached.mockRestore();
    model.dispose();
  });
});
