// GRPO with its variants and RLOO against TRL's values and gradients (float64, 1e-10), advantages and the table of the clip.
import { describe, expect, test } from 'vitest';
import { advantagesOf } from './advantages';
import {
  clippedTerm,
  type GroupLoss,
  groupAdvantages,
  groupWeights,
  reinforceWeights,
  sequenceWeights,
} from './groupLosses';
import { expectClose, readGoldens, scoreTokens } from './testing/goldenVectors';
import { linearLoss } from './tokenLikelihood';
import { sumPerAnswer } from './twoAttemptBatch';

const losses = readGoldens('losses', 'policy_gradient', new URL('./fixtures/policyGradient.json', import.meta.url));
const advantages = readGoldens('losses', 'advantages', new URL('./fixtures/advantages.json', import.meta.url));
const KINDS = ['grpo', 'bnpo', 'dapo', 'dr_grpo', 'cispo', 'sapo', 'luspo'];
const numbers = (list: (number | string)[]) => list.map((value) => (value === 'nan' ? Number.NaN : Number(value)));

// Masks by entropy and entropy bonuses are not offered.
const grpo = losses.filter(
  ({ params }) => KINDS.includes(params.loss_type) && !('top_entropy_quantile' in params || 'entropy_coef' in params),
);
test.each(grpo.map((entry) => [entry.name, entry] as const))('%s', (_, { params, inputs, outputs, grad }) => {
  const policy = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const of = (logits: typeof inputs.logits) => scoreTokens(logits, inputs.ids, inputs.mask).logProb;
  const settings: GroupLoss = {
    kind: params.loss_type,
    level: params.importance_sampling_level ?? 'token',
    epsilonLow: params.epsilon_low,
    epsilonHigh: params.epsilon_high,
    delta: params.delta ?? null,
    beta: params.beta,
    correctKl: params.use_bias_correction_kl ?? false,
    maxTokens: params.max_completion_length ?? 1,
  };
  const old = inputs.old_logits ? of(inputs.old_logits) : policy.logProb;
  const reference = inputs.ref_logits ? of(inputs.ref_logits) : null;
  const found = groupWeights(settings, policy.logProb, old, reference, inputs.advantages.data, policy.offsets);
  expectClose([found.loss], [outputs.loss]);
  expectClose(policy.gradient(found.weights), grad.logits.data);
  if (outputs.clip_ratio_low_mean !== undefined && settings.kind !== 'cispo' && settings.level === 'token') {
    expectClose([found.clippedLow, found.clippedHigh], [outputs.clip_ratio_low_mean, outputs.clip_ratio_high_mean]);
  }
});

test.each(['reinforce_baseline', 'reinforce_temperature', 'reinforce_kl_in_reward'])('%s', (name) => {
  const { params, inputs, outputs, grad } = losses.find((candidate) => candidate.name === name)!;
  const policy = scoreTokens(inputs.logits, inputs.ids, inputs.mask, params.temperature ?? 1);
  const rewards = numbers(inputs.rewards.data);
  let advantages = rewards.map((reward) => reward - (params.baseline ?? 0));
  if (inputs.ref_logits) {
    const reference = scoreTokens(inputs.ref_logits, inputs.ids, inputs.mask).logProb;
    const k1 = sumPerAnswer(
      policy.logProb.map((lp, i) => lp - reference[i]),
      policy.offsets,
    );
    const credits = rewards.map((reward, a) => reward - params.beta * k1[a]);
    expectClose(credits, outputs.shaped_reward.data);
    advantages = [...advantagesOf(credits, credits.length, 'batch_mean')];
  }
  const weights = reinforceWeights(advantages, policy.offsets);
  expectClose([linearLoss(weights, policy.logProb)], [outputs.loss]);
  expectClose(policy.gradient(weights), grad.logits.data);
});

test('rloo_loss', () => {
  const { inputs, outputs, grad } = losses.find(({ name }) => name === 'rloo_loss')!;
  const policy = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const old = scoreTokens(inputs.old_logits, inputs.ids, inputs.mask).logProb;
  const found = sequenceWeights(0.2, 0.2, policy.logProb, old, inputs.advantages.data, policy.offsets);
  expectClose([found.loss], [outputs.loss]);
  expectClose(policy.gradient(found.weights), grad.logits.data);
});

test.each(['clip_table_eps_high_0.2', 'clip_table_eps_high_0.28'])('%s', (name) => {
  const { params, inputs, outputs } = losses.find((candidate) => candidate.name === name)!;
  const clip = { kind: 'grpo', epsilonLow: params.epsilon_low, epsilonHigh: params.epsilon_high, delta: null } as const;
  const found = inputs.rho.data.map((rho: number, i: number) => clippedTerm(clip, rho, inputs.A.data[i], 0).loss);
  expectClose(found, outputs.loss.data, 1e-12);
});

describe('advantages', () => {
  const grouped = advantages.filter(({ params }) => params.scale_rewards);
  test.each(grouped.map((entry) => [entry.name, entry] as const))('%s', (_, { params, inputs, outputs }) => {
    const found = groupAdvantages(numbers(inputs.rewards.data), params.num_generations, params.scale_rewards);
    expectClose(found, outputs.advantages.data);
  });
  test.each(['rloo_advantage_mixed', 'rloo_advantage_real_valued'])('%s', (name) => {
    const { inputs, outputs } = advantages.find((candidate) => candidate.name === name)!;
    expectClose(advantagesOf(inputs.rewards.data, 4, 'leave_one_out'), outputs.advantages.data);
  });
  test.each(['rloo_advantage_kl_in_reward_0.05', 'rloo_advantage_kl_in_reward_0.5'])('%s', (name) => {
    const { params, inputs, outputs } = advantages.find((candidate) => candidate.name === name)!;
    const of = (logits: typeof inputs.old_logits) => scoreTokens(logits, inputs.ids, inputs.kl_mask);
    const [old, reference] = [of(inputs.old_logits), of(inputs.ref_logits)];
    const k1 = sumPerAnswer(
      old.logProb.map((value, i) => value - reference.logProb[i]),
      old.offsets,
    );
    expectClose(k1, outputs.kl_per_sequence.data);
    const credits = numbers(inputs.rewards.data).map((reward, i) => reward - params.beta * k1[i]);
    expectClose(advantagesOf(credits, 4, 'leave_one_out'), outputs.advantages.data);
  });
  test('known on paper', () => {
    expectClose(groupAdvantages([1, 0, 0, 0], 4, 'group'), [1.4997, -0.4999, -0.4999, -0.4999], 1e-5);
    expectClose(groupAdvantages([1, 0, 0, 0], 4, 'none'), [0.75, -0.25, -0.25, -0.25]);
    expect([...groupAdvantages([1, 1, 1, 1], 4, 'group')]).toEqual([0, 0, 0, 0]);
  });
});
