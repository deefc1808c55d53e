// ReST-EM, ReST, the uses of wrong answers and C-RLFT on a random model: what is kept, where each iteration starts, what is learnt.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { aboveThreshold } from '../train/offlineSets';
import { readGoldens } from '../train/testing/goldenVectors';
import { crlft } from './crlft';
import { negativeData } from './negativeData';
import { rest } from './rest';
import { restEm } from './restEm';
import { meanOf, plainWords, tinyModel, tryRecipe } from './testing/recipeTrial';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const selection = readGoldens('losses', 'selection', new URL('./fixtures/selection.json', import.meta.url));

test.each(['rest_thresholds_text', 'rest_thresholds'])('%s: strictly above, and nothing above the highest', (name) => {
  const { inputs, outputs } = selection.find((entry) => entry.name === name)!;
  const kept = inputs.tau.map((tau: number) => aboveThreshold(inputs.rewards, tau));
  expect(kept).toEqual(outputs.kept);
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
