// Cases of SCoRe whose answer is known on paper: a bandit, the KL of two tokens, sampled gradients against exact ones, and Stage I's
// anchor on a small model with a task that it can learn in a few steps.
import {
  grads as gradsOf,
  type Scalar,
  setBackend,
  type Tensor2D,
  tensor,
  tensor1d,
  tensor2d,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../ops/registerCpu';
import { CounterRng } from '../lib/counterRng';
import { createAdapter, trainables } from '../models/adapter';
import { DIAL_CHAT_TEMPLATE, DIAL_CONFIG, dialTokenizerJson } from '../models/dialLlama';
import { llama, readLlamaConfig } from '../models/llama';
import { placeModel } from '../models/loadModel';
import { tokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import type { MetricRow } from '../protocol/events';
import { checkSettings } from '../protocol/fields';
import { score } from '../recipes/score';
import type { Task } from '../rewards/task';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { createChat } from '../tokenizers/chat';
import { readTokenizer } from '../tokenizers/tokenizer';
import { createOptimizer } from './optimizer';
import { policyGradientLoss } from './policyGradient';
import { type ScoreTerms, scoreWeights } from './scoreWeights';

beforeAll(async () => {
  await setBackend('cpu');
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** d loss / d logit of token A, logits (t, 0), when `token` was sampled with advantage `advantage`. */
function banditGradient(t: number, token: number, advantage: number): number {
  const loss = (logits: Tensor2D) => {
    const { logProb, kl } = tokenStatistics(logits, tensor([token], [1], 'int32'));
    return policyGradientLoss(logProb, kl, Float32Array.of(advantage), Float32Array.of(0));
  };
  return gradsOf(loss as never)([tensor2d([[t, 0]])])[0].dataSync()[0];
}

describe('bandit of two tokens, reward 1 for A', () => {
  test.each([
    [0, 0.25],
    [1, 0.196612],
  ])('t = %d: the expected gradient is p(1 − p)', (t, expected) => {
    const p = sigmoid(t);
    const expectation = p * -banditGradient(t, 0, 1) + (1 - p) * -banditGradient(t, 1, 0);
    expect(expectation).toBeCloseTo(expected, 6);
  });
  test('with baseline ½ both tokens push the same way', () => {
    expect(-banditGradient(0, 0, 0.5)).toBeCloseTo(0.25, 6);
    expect(-banditGradient(0, 1, -0.5)).toBeCloseTo(0.25, 6);
  });
});

/** KL and its gradient with respect to the first logit, of (t, 0) against (0, 0). */
function klOfTwo(t: number): { kl: number; gradient: number } {
  const loss = (logits: Tensor2D) => {
    const { logProb, kl } = tokenStatistics(logits, tensor([0], [1], 'int32'), { refLogits: tensor2d([[0, 0]]) });
    return policyGradientLoss(logProb, kl, Float32Array.of(0), Float32Array.of(1)) as Scalar;
  };
  const logits = tensor2d([[t, 0]]);
  return { kl: loss(logits).dataSync()[0], gradient: gradsOf(loss as never)([logits])[0].dataSync()[0] };
}

describe('KL to the reference', () => {
  test('nothing at the reference: value 0 and gradient 0', () => {
    expect(klOfTwo(0).kl).toBeCloseTo(0, 9);
    expect(klOfTwo(0).gradient).toBeCloseTo(0, 9);
  });
  test('0.110944 and p(1 − p)t = 0.196612 at t = 1, not the 0.231059 of a differentiated k3', () => {
    expect(klOfTwo(1).kl).toBeCloseTo(0.110944, 6);
    expect(klOfTwo(1).gradient).toBeCloseTo(0.196612, 6);
  });
  test('as k1 in the reward the expected gradient is the same', () => {
    const t = 1;
    const p = sigmoid(t);
    const k1 = [Math.log(p) - Math.log(0.5), Math.log(1 - p) - Math.log(0.5)];
    expect(k1[0]).toBeCloseTo(0.379885, 6);
    expect(k1[1]).toBeCloseTo(-0.620115, 6);
    const expectation = p * banditGradient(t, 0, -k1[0]) + (1 - p) * banditGradient(t, 1, -k1[1]);
    expect(expectation).toBeCloseTo(0.196612, 6);
  });
});

test('sampled gradients with leave-one-out baselines have the exact mean (10^5 trajectories, 4 standard errors)', () => {
  const theta = [0.5, -1, 1.5];
  const [p1, pw, pc] = theta.map(sigmoid);
  const alpha = 10;
  const exact = [0.2350037122, 0.8165190085, 1.0212136089];
  const rng = new CounterRng(2024, 7);
  const [groups, firsts, seconds] = [3125, 8, 4];
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  const terms: ScoreTerms = {
    stage: 2,
    alpha,
    beta1: 0,
    beta2: 0,
    klInReward: false,
    baseline: 'leave_one_out',
    group1: firsts,
    group2: seconds,
  };
  const first = Int32Array.from({ length: firsts + 1 }, (_, i) => i);
  const second = Int32Array.from({ length: firsts * seconds + 1 }, (_, i) => firsts + i);
  for (let g = 0; g < groups; g++) {
    const r1 = Float64Array.from({ length: firsts }, () => Number(rng.uniform() < p1));
    const r2 = Float64Array.from({ length: firsts * seconds }, (_, e) =>
      Number(rng.uniform() < (r1[Math.floor(e / seconds)] ? pc : pw)),
    );
    const { weights } = scoreWeights(terms, r1, r2, new Float32Array(firsts * (1 + seconds)), { first, second });
    const gradient = [0, 0, 0];
    r1.forEach((r, f) => {
      gradient[0] += weights[f] * (r - p1);
    });
    r2.forEach((r, e) => {
      const right = r1[Math.floor(e / seconds)];
      gradient[right ? 2 : 1] += weights[firsts + e] * (r - (right ? pc : pw));
    });
    gradient.forEach((value, i) => {
      sums[i] += value;
      squares[i] += value * value;
    });
  }
  exact.forEach((expected, i) => {
    const mean = sums[i] / groups;
    const error = Math.sqrt((squares[i] / groups - mean * mean) / groups);
    expect(Math.abs(mean - expected), `parameter ${i}: ${mean} for ${expected}, standard error ${error}`).toBeLessThan(
      4 * error,
    );
  });
});

/** Right iff no word is a spare vocabulary entry: a random model is right now and then, and learns it in a few steps. */
const plainWords: Task<number> = {
  id: 'plain words',
  instruction: 'Is it correct?',
  maxTokens: 2,
  draw: (rng, _slice, count) => Array.from({ length: count }, () => 1 + rng.integer(11)),
  ask: (problem) => [{ role: 'user', content: `dial ${problem}` }],
  verify: (_problem, answer) => ({ correct: !answer.includes('<spare_'), wellFormed: true, terms: {} }),
};

/** Metrics of Stage I alone on a random model of one layer. */
async function stageOne(beta2: number): Promise<MetricRow[]> {
  const architecture = llama(
    readLlamaConfig({ ...DIAL_CONFIG, num_hidden_layers: 1, hidden_size: 32, intermediate_size: 32, head_dim: 8 }),
  );
  const tokenizer = readTokenizer(dialTokenizerJson());
  const chat = createChat(tokenizer, DIAL_CHAT_TEMPLATE, '<|end|>');
  const rng = new CounterRng(3, 3);
  const weights = new Map(
    [...architecture.tensors].map(([name, shape]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? 1 : 0.3 * rng.normal()));
      return [name, { name, shape, data }];
    }),
  );
  const model = placeModel('tiny', architecture, weights, { tokenizer, chat });
  const settings = checkSettings(score.fields, {
    beta2,
    beta1: 0,
    stageOneShare: 1,
    problems: 8,
    firsts: 2,
    seconds: 4,
    learningRate: 0.01,
    decay: 0,
  });
  const adapter = createAdapter(model, score.adapter(settings), 1);
  const state = { step: 0, adapter, optimizer: createOptimizer(trainables(adapter)), aside: new Map() };
  const job = {
    model,
    task: plainWords as Task<unknown>,
    settings,
    seed: 1,
    totalSteps: 60,
    state,
    cache: new KeyValueCache(model),
    logProbTolerance: 1e-4,
  };
  const rows: MetricRow[] = [];
  for await (const event of score.run(job)) if (event.type === 'step.finished') rows.push(event.metrics);
  model.dispose();
  return rows;
}

test('Stage I: a strong β2 holds attempt 1 while attempt 2 learns; without it attempt 1 drifts along', async () => {
  const [held, free] = [await stageOne(3), await stageOne(0)];
  const late = (rows: MetricRow[], name: string) => rows.slice(-5).reduce((sum, row) => sum + (row[name] ?? 0), 0) / 5;
  const early = (rows: MetricRow[], name: string) =>
    rows.slice(0, 2).reduce((sum, row) => sum + (row[name] ?? 0), 0) / 2;
  expect(late(held, 'train/accuracy_t2')).toBeGreaterThan(early(held, 'train/accuracy_t2') + 0.25);
  expect(late(held, 'kl/t1')).toBeLessThan(0.2);
  expect(late(free, 'kl/t1')).toBeGreaterThan(10 * late(held, 'kl/t1'));
  expect(late(free, 'train/accuracy_t2')).toBeGreaterThan(early(free, 'train/accuracy_t2') + 0.25);
}, 120_000);

test('tensor1d is what the weights become: the loss is linear in them', () => {
  const logProb = tensor1d([-1, -2, -3]);
  const kl = tensor1d([0.1, 0.2, 0.3]);
  const loss = policyGradientLoss(logProb, kl, Float32Array.of(1, 0, -1), Float32Array.of(0, 10, 0));
  expect(loss.dataSync()[0]).toBeCloseTo(-(1 * -1 + -1 * -3) + 10 * 0.2, 5);
});
