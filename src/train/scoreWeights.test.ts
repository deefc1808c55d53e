// SCoRe's credits, baselines and loss against float64 vectors of the paper's equations (fixtures/score.json: values, and gradients
// of the loss with respect to the logits), and the closed-form cases of a two-turn policy with three parameters.
import { grads as gradsOf, setBackend, type Tensor2D, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerCpu';
import { tokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { scoreCredits, zeroSpreadShare } from './advantages';
import { policyGradientLoss } from './policyGradient';
import { type ScoreTerms, scoreWeights } from './scoreWeights';
import { readGoldenFile } from './testing/goldenVectors';

interface Numbers {
  shape: number[];
  data: number[];
}
interface Entry {
  name: string;
  params: {
    alpha?: number;
    beta1?: number;
    beta2?: number;
    baseline?: string;
    steps?: number;
    step_size?: number;
    K?: number;
    stage?: number;
  };
  inputs: Record<string, Numbers>;
  outputs: Record<string, Numbers & number>;
  grad: Record<string, Numbers>;
}
const file = readGoldenFile('losses', 'score', new URL('./fixtures/score.json', import.meta.url));
const entries: Entry[] = file.entries;
const entry = (name: string): Entry => entries.find((candidate) => candidate.name === name)!;
const input = file.inputs as Record<string, Numbers>;

beforeAll(async () => {
  await setBackend('cpu');
});

/** Both attempts' tokens one behind the other, in the answers' order, padding left out. */
function flatten() {
  const flat = {
    rows: [] as [attempt: 1 | 2, flatIndex: number][],
    first: [0],
    second: [] as number[],
    targets: [] as number[],
  };
  for (const attempt of [1, 2] as const) {
    const mask = input[`mask${attempt}`];
    const [answers, time] = mask.shape;
    if (attempt === 2) flat.second.push(flat.rows.length);
    for (let b = 0; b < answers; b++) {
      for (let t = 0; t < time; t++) {
        if (!mask.data[b * time + t]) continue;
        flat.rows.push([attempt, b * time + t]);
        flat.targets.push(input[`ids${attempt}`].data[b * time + t]);
      }
      (attempt === 1 ? flat.first : flat.second).push(flat.rows.length);
    }
  }
  return flat;
}

function lossAndGradients(terms: ScoreTerms) {
  const flat = flatten();
  const vocabulary = input.logits1.shape[2];
  const take = (prefix: string) =>
    flat.rows.flatMap(([attempt, i]) => input[`${prefix}${attempt}`].data.slice(i * vocabulary, (i + 1) * vocabulary));
  const shape: [number, number] = [flat.rows.length, vocabulary];
  const refLogits = tensor(take('ref_logits'), shape) as Tensor2D;
  const targets = tensor(flat.targets, [flat.targets.length], 'int32');
  const logits = tensor(take('logits'), shape) as Tensor2D;
  const own = tokenStatistics(logits, targets).logProb.dataSync();
  const reference = tokenStatistics(refLogits, targets).logProb.dataSync();
  const logRatio = Float32Array.from(own, (value, i) => value - reference[i]);
  const offsets = { first: Int32Array.from(flat.first), second: Int32Array.from(flat.second) };
  const rewards = ['r1', 'r2'].map((name) => Float64Array.from(input[name].data));
  const credited = scoreWeights(terms, rewards[0], rewards[1], logRatio, offsets);
  const loss = (x: Tensor2D) => {
    const { logProb, kl } = tokenStatistics(x, targets, { refLogits });
    return policyGradientLoss(logProb, kl, credited.weights, credited.klWeights);
  };
  const [gradient] = gradsOf(loss as never)([logits]);
  const gradients = {
    logits1: new Float64Array(input.logits1.data.length),
    logits2: new Float64Array(input.logits2.data.length),
  };
  const values = gradient.dataSync();
  flat.rows.forEach(([attempt, i], n) => {
    for (let v = 0; v < vocabulary; v++) gradients[`logits${attempt}`][i * vocabulary + v] = values[n * vocabulary + v];
  });
  return { loss: loss(logits).dataSync()[0], gradients, credited };
}

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i] - expected[i]), `index ${i}: ${actual[i]} for ${expected[i]}`).toBeLessThanOrEqual(
      tolerance * (1 + Math.abs(expected[i])),
    );
  }
};

const baselines = { none: 'none', batch_mean: 'batch_mean', rloo: 'leave_one_out' } as const;
const cases = entries.filter((candidate) => /^stage[12]_/.test(candidate.name));

describe('loss, credits and gradients of Eq. 3 and Eq. 4', () => {
  test.each(cases.map((candidate) => [candidate.name, candidate] as const))('%s', (name, { params, outputs, grad }) => {
    const stage = name.startsWith('stage1') ? 1 : 2;
    const full = name.includes('full_vocabulary');
    const { loss, gradients, credited } = lossAndGradients({
      stage,
      alpha: stage === 2 ? (params.alpha ?? 0) : 0,
      beta1: params.beta1 ?? 0,
      beta2: params.beta2 ?? 0,
      klInReward: !full,
      baseline: baselines[params.baseline as keyof typeof baselines],
      group1: params.K ?? 4,
      group2: params.K ?? 4,
    });
    close([loss], [outputs.loss], 3e-6);
    close(credited.advantage1, outputs.advantage1.data, 3e-6);
    close(credited.advantage2, outputs.advantage2.data, 3e-6);
    if (outputs.credit2) close(credited.credit2, outputs.credit2.data, 3e-6);
    close(gradients.logits1, grad.logits1.data, 3e-6);
    close(gradients.logits2, grad.logits2.data, 3e-6);
  });

  test('the bonus is not credited to attempt 1 (pitfall P1)', () => {
    const leak = entry('WRONG_stage2_total_return_leak');
    const terms: ScoreTerms = {
      stage: 2,
      alpha: 10,
      beta1: 0.01,
      beta2: 0,
      klInReward: true,
      baseline: 'leave_one_out',
      group1: 4,
      group2: 4,
    };
    const { credited } = lossAndGradients(terms);
    close(credited.advantage2, leak.outputs.advantage2.data, 3e-6);
    const apart = leak.outputs.advantage1.data.map((leaked, i) => Math.abs(credited.advantage1[i] - leaked));
    expect(Math.max(...apart)).toBeGreaterThan(1);
    // The ablation that leaks it on purpose is that very mistake.
    const leaking = lossAndGradients({ ...terms, leaksToFirst: true }).credited;
    close(leaking.advantage1, leak.outputs.advantage1.data, 3e-6);
    close(leaking.advantage2, leak.outputs.advantage2.data, 3e-6);
  });
});

describe('closed form', () => {
  test.each([0, 1, 10])('truth table, alpha %d', (alpha) => {
    const { credit1, credit2 } = scoreCredits(2, [0, 0, 1, 1], [0, 1, 0, 1], alpha);
    const expected = entry(`truth_table_alpha${alpha}`).outputs;
    expect([...credit1]).toEqual(expected.credit1.data);
    expect([...credit2]).toEqual(expected.credit2.data);
  });

  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  /** Exact expected gradient over the four outcomes of a policy with logits (t1, tw, tc). */
  function toyGradient(theta: readonly number[], stage: 1 | 2, alpha: number): number[] {
    const [p1, pw, pc] = theta.map(sigmoid);
    const gradient = [0, 0, 0];
    for (const r1 of [0, 1]) {
      for (const r2 of [0, 1]) {
        const p2 = r1 ? pc : pw;
        const probability = (r1 ? p1 : 1 - p1) * (r2 ? p2 : 1 - p2);
        const { credit1, credit2 } = scoreCredits(stage, [r1], [r2], alpha);
        gradient[0] += probability * credit1[0] * (r1 - p1);
        gradient[r1 ? 2 : 1] += probability * credit2[0] * (r2 - p2);
      }
    }
    return gradient;
  }

  test.each([
    'toy_zero_stage1_alpha0',
    'toy_zero_stage2_alpha0',
    'toy_zero_stage2_alpha1',
    'toy_zero_stage2_alpha10',
    'toy_skewed_stage2_alpha10',
  ])('%s', (name) => {
    const { params, inputs, grad } = entry(name);
    close(toyGradient(inputs.theta.data, params.stage as 1 | 2, params.alpha!), grad.theta.data, 1e-9);
  });

  test.each([0, 1, 10])('200 ascent steps, alpha %d: attempt 1 learns the same whatever alpha is', (alpha) => {
    const theta = [0, -2, 2];
    for (let step = 0; step < 200; step++) {
      toyGradient(theta, 2, alpha).forEach((g, i) => {
        theta[i] += 0.1 * g;
      });
    }
    const expected = entry(`toy_200_steps_alpha${alpha}`).outputs;
    close(theta, expected.theta.data, 1e-9);
    expect(sigmoid(theta[0])).toBeCloseTo(0.937, 3);
    expect(Math.abs(theta[0] - entry('toy_200_steps_alpha10_LEAK').outputs.theta.data[0])).toBeGreaterThan(1);
  });

  test('zero spread: groups whose members all earned the same', () => {
    expect(zeroSpreadShare([1, 1, 0, 1, 0, 0], 2)).toBeCloseTo(2 / 3, 12);
  });
});
