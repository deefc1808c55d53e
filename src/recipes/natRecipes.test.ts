// NAT and NCE on a random model: what is frozen, where each stage starts, what is learnt.
import { fill, keep } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { createAdapter, disposeAdapter } from '../models/adapter';
import { integratedAdapter } from '../models/integrateUnit';
import { answerTokens, packAnswers } from '../train/answerBatch';
import { logProbsOf } from '../train/weightedUpdate';
import { nat } from './nat';
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
