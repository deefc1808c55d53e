// ReST-EM, ReST, the uses of wrong answers and C-RLFT on a random model: what is kept, where each iteration starts, what is learnt.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { aboveThreshold, sourceThreshold } from '../train/offlineSets';
import { readGoldens } from '../train/testing/goldenVectors';
import { crlft } from './crlft';
import { negativeData } from './negativeData';
import { rest } from './rest';
import { restEm } from './restEm';
import { sequential } from './sequential';
import { meanOf, plainWords, tinyModel, tryRecipe } from './testing/recipeTrial';
import { weakSupervision } from './weakSupervision';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const selection = readGoldens('losses', 'selection', new URL('./fixtures/selection.json', import.meta.url));

test.each(['rest_thresholds_text', 'rest_thresholds'])('%s: strictly above, and nothing above the highest', (name) => {
  const { inputs, outputs } = selection.find((entry) => entry.name === name)!;
  const kept = inputs.tau.map((tau: number) => aboveThreshold(inputs.rewards, tau));
  expect(kept).toEqual(outputs.kept);
});

const perSource = selection.filter(({ name }) => /^rest_(tau_gamma|percentile)/.test(name));
test.each(perSource.map((entry) => [entry.name, entry] as const))('%s', (_, { params, inputs, outputs }) => {
  const [kind, value] =
    'gamma' in params ? (['gamma', params.gamma] as const) : (['percentile', params.percentile] as const);
  inputs.rewards_by_source.forEach((rewards: number[], source: number) => {
    const tau = sourceThreshold(kind, rewards, value);
    expect(tau).toBeCloseTo(outputs.tau[source], 12);
    expect(aboveThreshold(rewards, tau)).toEqual(outputs.kept[source]);
  });
});

describe('rest-em', () => {
  test('iterations start from the base; its samples get better from one to the next', async () => {
    const model = tinyModel();
    const settings = { problems: 8, firsts: 8, iterations: 2, cap: 4, learningRate: 0.01 };
    const { rows, traces, end, stages } = await tryRecipe(model, restEm, { settings, totalSteps: 30 });
    expect(stages).toEqual(['iteration_1', 'iteration_2']);
    expect(end.updates).toBe(15);
    expect(meanOf(rows.slice(15), 'reward')).toBeGreaterThan(meanOf(rows.slice(0, 15), 'reward') + 0.15);
    const { terms, rewards, correct, problem, episodes } = traces[0];
    const keptOf = new Map<number, number>();
    for (let e = 0; e < episodes; e++) {
      if (!rewards[e * terms.length + terms.indexOf('kept')]) continue;
      expect(correct[e]).toBe(1);
      keptOf.set(problem[e], (keptOf.get(problem[e]) ?? 0) + 1);
    }
    for (const count of keptOf.values()) expect(count).toBeLessThanOrEqual(4);
    model.dispose();
  });
});

describe('rest', () => {
  const settings = { problems: 8, firsts: 4, grows: 2, thresholds: '0, 0.5', originals: 1, learningRate: 0.01 };
  test('each Improve goes on from the one before at half the rate; each Grow freezes the policy it samples from', async () => {
    const model = tinyModel();
    const { rows, stages, end } = await tryRecipe(model, rest, { settings, totalSteps: 20 });
    expect(stages).toEqual(['grow_1_improve_1', 'grow_1_improve_2', 'grow_2_improve_1', 'grow_2_improve_2']);
    expect([0, 5, 10, 15].map((i) => rows[i]['train/threshold'])).toEqual([0, 0.5, 0, 0.5]);
    expect([0, 5, 10, 15].map((i) => rows[i].learning_rate)).toEqual([0.01, 0.005, 0.01, 0.005]);
    // One optimizer throughout, and samples of the second Grow are better.
    expect(end.updates).toBe(20);
    expect(meanOf(rows.slice(10), 'reward')).toBeGreaterThan(meanOf(rows.slice(0, 10), 'reward') + 0.15);
    model.dispose();
  });
  test('a threshold nobody is above: the step changes nothing', async () => {
    const model = tinyModel();
    const none = { ...settings, thresholds: '1', grows: 1 };
    const { rows, end } = await tryRecipe(model, rest, { settings: none, totalSteps: 2 });
    expect(rows.map((row) => [row.loss, row.grad_norm, row['train/kept_share']])).toEqual([
      [null, null, 0],
      [null, null, 0],
    ]);
    expect(end.updates).toBe(0);
    model.dispose();
  });
  test.each(['', '0.5, 0.5', '0, x'])('thresholds "%s" are refused', async (thresholds) => {
    const model = tinyModel();
    await expect(tryRecipe(model, rest, { settings: { ...settings, thresholds }, totalSteps: 1 })).rejects.toThrow(
      /expected rising numbers/,
    );
    model.dispose();
  });
});

describe('negative-data', () => {
  const margin = async (loss: string, weight = 0.05) => {
    const model = tinyModel();
    const settings = { problems: 8, firsts: 4, loss, weight, learningRate: 0.01, teacherRight: 0.5 };
    const { rows } = await tryRecipe(model, negativeData, { settings, totalSteps: 20 });
    model.dispose();
    return meanOf(rows.slice(-3), 'logps/positive') - meanOf(rows.slice(-3), 'logps/negative');
  };
  test('MIX tells right from wrong least; NT, UL and CL more than KD alone', async () => {
    const [kd, mix, nt, ulToken, ulSequence] = [
      await margin('kd'),
      await margin('mix'),
      await margin('nt', 0.2),
      await margin('ul_token', 1),
      await margin('ul_sequence', 1),
    ];
    expect(mix).toBeLessThan(kd - 1);
    for (const better of [nt, ulToken, ulSequence]) expect(better).toBeGreaterThan(kd);
    expect(await margin('cl')).toBeGreaterThan(mix + 1);
  });
  test('the base itself may answer, so the task needs no solver then', async () => {
    const model = tinyModel();
    const task = { ...plainWords, solve: undefined };
    const settings = { problems: 3, firsts: 4 };
    await expect(tryRecipe(model, negativeData, { settings, totalSteps: 1, task })).rejects.toThrow(
      /base itself answer/,
    );
    const { rows } = await tryRecipe(model, negativeData, {
      settings: { ...settings, source: 'self' },
      totalSteps: 1,
      task,
    });
    expect(rows).toHaveLength(1);
    model.dispose();
  });
});

describe('c-rlft', () => {
  const lossAfter = async (settings: Record<string, number | string | boolean>) => {
    const model = tinyModel();
    const data = { answers: 32, expertShare: 0.3, expertRight: 1, otherRight: 0 };
    const given = { ...data, weight: 0.5, learningRate: 0.01, ...settings };
    const { rows } = await tryRecipe(model, crlft, { settings: given, totalSteps: 60 });
    model.dispose();
    return meanOf(rows.slice(-10), 'loss/expert');
  };
  test('under the expert’s prompt the expert is learnt: best with the class told, worst with neither class nor weight', async () => {
    const both = await lossAfter({});
    const withoutCondition = await lossAfter({ condition: false });
    const neither = await lossAfter({ condition: false, weight: 1 });
    expect(both).toBeLessThan(withoutCondition - 0.1);
    expect(withoutCondition).toBeLessThan(neither - 0.1);
  });
});

describe('sequential', () => {
  const settings = {
    problems: 8,
    firsts: 8,
    solutions: 16,
    learningRate: 0.01,
    generatorShare: 0.1,
    evaluatorShare: 0.8,
  };
  test('the evaluator learns to choose, from candidates of the generator as it was', async () => {
    const model = tinyModel();
    const { rows, stages, end } = await tryRecipe(model, sequential, {
      settings,
      totalSteps: 60,
      task: { ...plainWords, maxTokens: 1 },
    });
    expect(stages).toEqual(['generator_1', 'evaluator', 'generator_2']);
    expect(end.updates).toBe(6);
    const [early, late] = [rows.slice(6, 10), rows.slice(44, 54)];
    expect(meanOf(late, 'loss')).toBeLessThan(meanOf(early, 'loss') - 0.3);
    for (const way of ['rr_all', 'w_rr']) {
      expect(meanOf(late, `rerank/${way}`)).toBeGreaterThan(meanOf(late, 'rerank/maj'));
    }
    for (const row of rows.slice(6, 54)) expect(row['rerank/pass_at_n']).toBeGreaterThanOrEqual(row['rerank/rr_all']!);
    expect(rows[55]['rerank/maj']).toBeUndefined();
    model.dispose();
  });
  test('the control arm never asks for a verdict, and has as many steps', async () => {
    const model = tinyModel();
    const control = { ...settings, control: true };
    const { rows, stages } = await tryRecipe(model, sequential, { settings: control, totalSteps: 10 });
    expect(stages).toEqual(['generator_1', 'control', 'generator_2']);
    expect(rows).toHaveLength(10);
    expect(rows.every((row) => row['rerank/maj'] === undefined && row.loss !== null)).toBe(true);
    model.dispose();
  });
  test('shares that leave nothing are refused', async () => {
    const model = tinyModel();
    const all = { ...settings, generatorShare: 0.5, evaluatorShare: 0.5 };
    await expect(tryRecipe(model, sequential, { settings: all, totalSteps: 10 })).rejects.toThrow(
      /less than 1 together/,
    );
    model.dispose();
  });
});

describe('weak-to-strong', () => {
  const settings = { problems: 16, measured: 60, learningRate: 0.01, weakShare: 0.05 };
  const one = { ...plainWords, maxTokens: 1 };
  test('supervisor of a small rank, ceiling on the truth, student on labels alone; all measured on the same problems', async () => {
    const model = tinyModel();
    const { rows, stages, end } = await tryRecipe(model, weakSupervision, { settings, totalSteps: 60, task: one });
    expect(stages).toEqual(['supervisor', 'ceiling', 'weak_student']);
    const shape = (prefix: string) =>
      end.tensors.find(({ name }) => name.startsWith(prefix) && name.endsWith('lora_A.weight'))!.shape;
    expect([shape('aside/supervisor/')[0], shape('aside/ceiling/')[0]]).toEqual([1, 16]);
    const last = rows.at(-1)!;
    expect(last['w2s/ceiling']).toBeGreaterThan(last['w2s/supervisor']!);
    const gap = last['w2s/ceiling']! - last['w2s/supervisor']!;
    expect(last['w2s/pgr']).toBeCloseTo((last['w2s/accuracy']! - last['w2s/supervisor']!) / gap, 12);
    // The ceiling learned the truth, the student only what the supervisor says.
    expect(rows[5]['w2s/label_accuracy']).toBe(1);
    expect(last['w2s/label_accuracy']).toBeLessThan(1);
    expect(meanOf(rows.slice(-5), 'w2s/confidence')).toBeCloseTo(0.5, 12);
    model.dispose();
  });
  test('a task without wrong answers of its own is refused', async () => {
    const model = tinyModel();
    const mute = { ...plainWords, mistake: undefined };
    await expect(tryRecipe(model, weakSupervision, { totalSteps: 5, task: mute })).rejects.toThrow(
      /right and wrong answers/,
    );
    model.dispose();
  });
});
