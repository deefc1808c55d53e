// Losses over right and wrong answers (MIX, NT, UL, CL) and over two qualities (C-RLFT): values and gradients in float64, 1e-10.
import { describe, expect, test } from 'vitest';
import { classWeights } from './classWeights';
import { type NegativeLoss, negativeWeights } from './negativeLosses';
import { expectClose, readGoldens, scoreTokens } from './testing/goldenVectors';
import { linearLoss } from './tokenLikelihood';

const negative = readGoldens('losses', 'negative', new URL('./fixtures/negative.json', import.meta.url));
const kindOf: Record<string, NegativeLoss> = {
  cot_kd: 'kd',
  mix: 'mix',
  'nt_score_mean_w0.05': 'nt',
  'ul_token_w0.05': 'ul_token',
  'ul_token_w1.0': 'ul_token',
  'ul_sequence_mean_w0.05': 'ul_sequence',
  'ul_sequence_mean_w1.0': 'ul_sequence',
  cl_group: 'cl',
};

test.each(Object.keys(kindOf))('%s', (name) => {
  const { params, inputs, outputs, grad } = negative.find((candidate) => candidate.name === name)!;
  const tokens = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const positive = inputs.positive.data;
  const sessions = positive.map(() => 0);
  const found = negativeWeights(kindOf[name], params.w ?? 0, tokens.logProb, tokens.offsets, positive, sessions);
  expectClose([found.loss], [outputs.loss]);
  expectClose(tokens.gradient(found.weights), grad.logits.data);
});

test('NT’s sum form is its mean times the number of tokens', () => {
  const { params, inputs, outputs } = negative.find(({ name }) => name === 'nt_sum_w0.05')!;
  const tokens = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const found = negativeWeights('nt', params.w, tokens.logProb, tokens.offsets, inputs.positive.data, []);
  expectClose([found.loss * tokens.logProb.length], [outputs.loss]);
  // One right answer of NLL 2 and one wrong one of NLL 3: 2 − 0.05 · 3 = 1.85 as a sum.
  const two = negativeWeights('nt', 0.05, [-2, -3], Int32Array.of(0, 1, 2), [1, 0], []);
  expect(two.loss * 2).toBeCloseTo(1.85, 12);
});

describe('what a batch may lack', () => {
  const offsets = Int32Array.of(0, 2, 4);
  test.each(['kd', 'mix', 'nt', 'ul_token', 'ul_sequence', 'cl'] as const)(
    '%s without right or without wrong answers',
    (kind) => {
      for (const positive of [
        [1, 1],
        [0, 0],
      ]) {
        const found = negativeWeights(kind, 0.05, [-1, -2, -3, -0.5], offsets, positive, [0, 0]);
        expect(Number.isFinite(found.loss)).toBe(true);
        expect(found.weights.every(Number.isFinite)).toBe(true);
      }
    },
  );
  test('CL: sessions of one kind teach nothing, others are averaged', () => {
    const logProb = [-1, -2, -3, -1.5];
    const each = Int32Array.of(0, 1, 2, 3, 4);
    const one = negativeWeights('cl', 0, logProb, each, [1, 0, 1, 1], [0, 0, 1, 1]);
    expect(one.loss).toBeCloseTo(Math.log(1 + Math.exp(-1)), 12);
    expect([...one.weights.subarray(2)]).toEqual([0, 0]);
  });
});

describe('C-RLFT', () => {
  const entries = readGoldens('losses', 'crlft', new URL('./fixtures/crlft.json', import.meta.url));
  test.each([
    ['crlft', 0.1],
    ['crlft_without_reward', 1],
  ])('%s', (name, other) => {
    const { inputs, outputs, grad } = entries.find((candidate) => candidate.name === name)!;
    const tokens = scoreTokens(inputs.logits, inputs.ids, inputs.token_mask);
    const weights = classWeights(
      tokens.offsets,
      inputs.expert.data.map((expert: number) => (expert ? 1 : other)),
    );
    expectClose([linearLoss(weights, tokens.logProb)], [outputs.loss]);
    expectClose(tokens.gradient(weights), grad.logits.data);
  });
  test('known on paper: 2.2609 with weights, 3.2 without; the class alone, 4, because then its weight cancels', () => {
    const { inputs, outputs } = entries.find(({ name }) => name === 'crlft_closed_form')!;
    const [expert, other]: [number[], number[]] = [inputs.expert_ce, inputs.sub_ce];
    const logProb = [...expert, ...other].map((ce) => -ce);
    const offsets = Int32Array.of(0, expert.length, logProb.length);
    expect(linearLoss(classWeights(offsets, [1, 0.1]), logProb)).toBeCloseTo(outputs.loss, 10);
    expect(linearLoss(classWeights(offsets, [1, 1]), logProb)).toBeCloseTo(outputs.unweighted, 10);
    const alone = classWeights(Int32Array.of(0, other.length), [0.1]);
    expect(
      linearLoss(
        alone,
        other.map((ce) => -ce),
      ),
    ).toBeCloseTo(outputs.sub_only, 10);
  });
});
