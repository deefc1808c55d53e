// NAT and NCE on a random model: what is frozen, where each stage starts, what is learnt.
import { fill, keep } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { createAdapter, disposeAdapter, trainables } from '../models/adapter';
import { integratedAdapter } from '../models/integrateUnit';
import { answerTokens, packAnswers } from '../train/answerBatch';
import { distributionUpdate } from '../train/distributionUpdate';
import { createOptimizer, disposeOptimizer } from '../train/optimizer';
import { logProbsOf, weightedUpdate } from '../train/weightedUpdate';
import { nat } from './nat';
import { nce } from './nce';
import { meanOf, plainWords, type Snapshot, tinyModel, tryRecipe } from './testing/recipeTrial';

beforeAll(() => startSimd({ threads: 1 }));
afterAll(() => stopSimd());

const settings = { problems: 8, firsts: 4, width: 8, negativeShare: 0.5, learningRate: 0.01 };
const valuesOf = ({ tensors }: Snapshot, end: string) =>
  tensors.filter(({ name }) => name.startsWith('base_model') && name.endsWith(end)).map(({ data }) => data);

describe('nat', () => {
  test('what the first stage learned is the frozen path of the second', async () => {
    const model = tinyModel();
    const before = await tryRecipe(model, nat, { settings, totalSteps: 20, stopAt: 10 });
    const { end, stages } = await tryRecipe(model, nat, { settings, totalSteps: 20 });
    expect(stages).toEqual(['negative', 'integrate']);
    for (const part of ['A', 'B']) {
      const learned = valuesOf(before.end, `.lora_${part}.weight`);
      expect(learned.length).toBe(2);
      expect(valuesOf(end, `.negative_${part}.weight`)).toEqual(learned);
      // Its moments do not exist any more: nothing can move it.
      expect(end.tensors.some(({ name }) => name.startsWith('m.') && name.endsWith(`negative_${part}.weight`))).toBe(
        false,
      );
    }
    expect(end.updates).toBe(10);
    model.dispose();
  });

  test('the second stage begins as the base; every part of it learns', async () => {
    const model = tinyModel();
    const context = model.chat.prompt(plainWords.ask(3));
    const batch = packAnswers([{ context, answers: [answerTokens(model, '7')] }], model.chat.endId);
    const config = nat.adapter({ ...settings, rank: 4, loraAlpha: 8, targets: 'q_proj, v_proj' });
    const negative = createAdapter(model, config, 1);
    // Whatever the negative path holds.
    for (const path of negative.lora.values()) {
      const { shape } = path.b;
      path.b.dispose();
      path.b = keep(fill(shape, 0.3));
    }
    expect(await logProbsOf(model, negative, batch)).not.toEqual(await logProbsOf(model, null, batch));
    const fresh = integratedAdapter(model, negative, 2, 8);
    expect(await logProbsOf(model, fresh, batch)).toEqual(await logProbsOf(model, null, batch));
    disposeAdapter(fresh);
    const early = await tryRecipe(model, nat, { settings, totalSteps: 20, stopAt: 11 });
    const late = await tryRecipe(model, nat, { settings, totalSteps: 20, stopAt: 15 });
    // W_up = 0 holds back everything else in the first step.
    for (const part of ['lora_A', 'lora_B', 'query', 'key', 'down', 'up'].map((name) => `.${name}.weight`)) {
      const before = valuesOf(early.end, part);
      for (const [i, values] of valuesOf(late.end, part).entries()) expect(values, part).not.toEqual(before[i]);
    }
    expect(
      valuesOf(early.end, '.lora_B.weight')
        .flatMap((values) => [...values])
        .every((value) => value === 0),
    ).toBe(true);
    model.dispose();
  });

  test.each(['learned', 'zero'])('%s: wrong answers first, then right ones', async (negative) => {
    const model = tinyModel();
    const given = { ...settings, negative, teacherRight: 0.5 };
    const { rows, end, traces } = await tryRecipe(model, nat, { settings: given, totalSteps: 30 });
    for (const [from, to] of [
      [0, 15],
      [15, 30],
    ])
      expect(rows[to - 1].loss!).toBeLessThan(rows[from].loss! - 0.5);
    const zeros = valuesOf(end, '.negative_B.weight').every((values) => values.every((value) => value === 0));
    expect(zeros).toBe(negative === 'zero');
    const { terms, rewards, correct, episodes } = traces[20];
    for (let e = 0; e < episodes; e++) expect(rewards[e * terms.length + terms.indexOf('kept')]).toBe(correct[e]);
    expect(meanOf(rows, 'train/kept_share')).toBeGreaterThan(0.3);
    model.dispose();
  });
});

describe('nce', () => {
  const given = { ...settings, negativeShare: 0.25, integrateShare: 0.25, teacherRight: 0.5 };
  const teacher = (end: Snapshot) => end.tensors.filter(({ name }) => name.startsWith('aside/nat/'));

  test.each(['coded', 'figure', 'plain'])('%s: a fresh student follows a frozen NAT model', async (calibration) => {
    const model = tinyModel();
    const all = { ...given, calibration };
    const early = await tryRecipe(model, nce, { settings: all, totalSteps: 40, stopAt: 21 });
    const { rows, end, stages } = await tryRecipe(model, nce, { settings: all, totalSteps: 40 });
    expect(stages).toEqual(['negative', 'integrate', 'student']);
    expect(teacher(end).some(({ name }) => name.endsWith('.negative_B.weight'))).toBe(true);
    expect(teacher(end)).toEqual(teacher(early.end));
    // The student is a plain low-rank adapter that began anew.
    expect(end.tensors.some(({ name }) => name.startsWith('base_model') && name.endsWith('.up.weight'))).toBe(false);
    expect(end.updates).toBe(20);
    const student = rows.slice(20);
    for (const row of student) {
      expect(row['nce/kl']!).toBeGreaterThan(0);
      if (calibration === 'plain') expect(row['nce/beta']).toBe(0);
      else expect(row['nce/beta']!).toBeGreaterThan(0);
    }
    expect(meanOf(student.slice(-3), 'loss')).toBeLessThan(meanOf(student.slice(0, 3), 'loss') - 0.2);
    model.dispose();
  });

  test('what the NAT model writes itself is more often right than the base’s', async () => {
    const model = tinyModel();
    const shares = { ...given, negativeShare: 0.2, integrateShare: 0.5, temperature: 1 };
    const ofBase = await tryRecipe(model, nat, {
      settings: { ...settings, source: 'self', temperature: 1 },
      totalSteps: 12,
    });
    const { rows } = await tryRecipe(model, nce, { settings: { ...shares, studentData: 'nat' }, totalSteps: 40 });
    expect(meanOf(rows.slice(28), 'reward')).toBeGreaterThan(meanOf(ofBase.rows, 'reward') + 0.2);
    model.dispose();
  });

  test('shares that leave the student no step are refused', async () => {
    const model = tinyModel();
    const none = { ...given, negativeShare: 0.5, integrateShare: 0.5 };
    await expect(tryRecipe(model, nce, { settings: none, totalSteps: 4 })).rejects.toThrow(/steps for the student/);
    model.dispose();
  });
});

test('weights on the written tokens alone: the update over distributions is the one over tokens', async () => {
  const model = tinyModel();
  const context = model.chat.prompt(plainWords.ask(3));
  const batch = packAnswers(
    [{ context, answers: [answerTokens(model, '7'), answerTokens(model, '4')] }],
    model.chat.endId,
  );
  const weights = Float64Array.from(batch.targets, (_, i) => 0.2 + 0.1 * i);
  const { vocabulary } = model.architecture.shape;
  const spread = new Float64Array(weights.length * vocabulary);
  batch.targets.forEach((id, i) => {
    spread[i * vocabulary + id] = weights[i];
  });
  const options = { learningRate: 0.01, maxNorm: 0, step: 0 };
  const config = nat.adapter({ rank: 4, loraAlpha: 8, targets: '' });
  const start = () => {
    const adapter = createAdapter(model, config, 1);
    return { adapter, optimizer: createOptimizer(trainables(adapter)), aside: new Map() };
  };
  const [one, other] = [start(), start()];
  const tokens = await weightedUpdate(model, one, batch, weights, options);
  const whole = await distributionUpdate(model, other, batch, spread, options);
  expect(whole.norm).toBeCloseTo(tokens.norm, 4);
  batch.targets.forEach((id, i) => {
    expect(whole.logProbs[i * vocabulary + id]).toBeCloseTo(tokens.columns.logProb[i], 5);
  });
  for (const { adapter, optimizer } of [one, other]) {
    disposeOptimizer(optimizer);
    disposeAdapter(adapter);
  }
  model.dispose();
});
