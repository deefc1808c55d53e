// ORPO, SimPO, AlphaPO, CPO and KTO against TRL's values and gradients (float64, 1e-10), and the cases known on paper.
import { describe, expect, test } from 'vitest';
import { type ReferenceFree, referenceFreeTerms, referenceFreeWeights } from './referenceFreeLosses';
import { expectClose, readGoldens, scoreTokens } from './testing/goldenVectors';
import { linearLoss, tokenMeanWeights } from './tokenLikelihood';
import { referencePoint, unpairedWeights } from './unpairedLosses';

const pairs = readGoldens('losses', 'preference', new URL('./fixtures/preference.json', import.meta.url));
const NAMES = [
  'orpo',
  'simpo',
  'simpo_label_smoothing',
  'simpo_cpo_alpha1',
  'alphapo',
  'cpo_sigmoid_alpha1',
  'cpo_hinge',
  'cpo_ipo',
];

test.each(NAMES)('%s', (name) => {
  const { params, inputs, outputs, grad } = pairs.find((candidate) => candidate.name === name)!;
  const policy = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const half = (policy.offsets.length - 1) / 2;
  const settings: ReferenceFree = {
    kind: params.loss_type ?? 'orpo',
    beta: params.beta,
    gamma: params.simpo_gamma ?? 0,
    labelSmoothing: params.label_smoothing ?? 0,
    alpha: params.alpha ?? 0,
    // TRL's cross-entropy also covers the prompt, which no batch of answers predicts: added below.
    likelihood: 0,
    pairs: Array.from({ length: half }, (_, p): [number, number] => [p, half + p]),
  };
  const found = referenceFreeWeights(settings, policy.logProb, policy.offsets);
  const gradient = policy.gradient(found.weights);
  const likelihood = name === 'orpo' ? 1 : (params.cpo_alpha ?? 0);
  let { loss } = found;
  if (likelihood > 0) {
    const [, time] = inputs.nll_mask.shape;
    const mask = {
      ...inputs.nll_mask,
      data: inputs.nll_mask.data.map((m: number, i: number) => (i < half * time ? m : 0)),
    };
    const all = scoreTokens(inputs.logits, inputs.ids, mask);
    const weights = tokenMeanWeights(all.offsets).map((w) => w * likelihood);
    loss += linearLoss(weights, all.logProb);
    all.gradient(weights).forEach((g, i) => {
      gradient[i] += g;
    });
  }
  expectClose([loss], [outputs.loss]);
  expectClose(gradient, grad.logits.data);
});

describe('known on paper', () => {
  const none = { beta: 0.1, gamma: 0, labelSmoothing: 0, alpha: 0 };
  test('equal answers: ORPO pays β ln 2, SimPO −log σ(−γ)', () => {
    expect(referenceFreeTerms({ ...none, kind: 'orpo' }, -1, -1).loss).toBeCloseTo(0.1 * Math.LN2, 12);
    const simpo = referenceFreeTerms({ ...none, kind: 'simpo', beta: 2, gamma: 1 }, -1, -1);
    expect(simpo.loss).toBeCloseTo(Math.log(1 + Math.E), 12);
    expect(simpo.da).toBe(-simpo.db);
  });
  test('an answer of probability 1 has finite odds', () => {
    const { loss, da, db } = referenceFreeTerms({ ...none, kind: 'orpo' }, 0, -1e-12);
    expect([loss, da, db].every(Number.isFinite)).toBe(true);
  });
  test('the likelihood of better answers only', () => {
    const settings = { ...none, kind: 'orpo', likelihood: 1, pairs: [[0, 1]] } as const;
    const [plain, more] = [0, 1].map((likelihood) =>
      referenceFreeWeights({ ...settings, likelihood }, [-1, -2, -3], Int32Array.of(0, 2, 3)),
    );
    expect(more.loss - plain.loss).toBeCloseTo(1.5, 12);
    expectClose(
      more.weights.map((w, i) => w - plain.weights[i]),
      [0.5, 0.5, 0],
      1e-12,
    );
  });
});

describe('KTO', () => {
  const entries = readGoldens('losses', 'kto', new URL('./fixtures/kto.json', import.meta.url));
  test.each(entries.map((entry) => [entry.name, entry] as const))('%s', (_, { params, inputs, outputs, grad }) => {
    const of = (logits: typeof inputs.logits) => scoreTokens(logits, inputs.ids, inputs.mask);
    const [policy, reference] = [of(inputs.logits), of(inputs.ref_logits)];
    const isPlain = inputs.kl_logits === undefined;
    const [other, otherReference] = (isPlain ? [] : [inputs.kl_logits, inputs.kl_ref_logits]).map(
      (logits) => scoreTokens(logits, inputs.kl_ids, inputs.kl_mask).logProb,
    );
    const answers = inputs.label.data.length;
    const z0 = isPlain
      ? 0
      : referencePoint(
          other.map((lp, i) => lp - otherReference[i]),
          answers,
        );
    const settings = {
      kind: isPlain ? 'apo_zero_unpaired' : 'kto',
      beta: params.beta,
      desirableWeight: params.desirable_weight ?? 1,
      undesirableWeight: params.undesirable_weight ?? 1,
    } as const;
    const labels = inputs.label.data.map((label: number) => label === 1);
    const found = unpairedWeights(settings, policy.logProb, reference.logProb, policy.offsets, labels, z0);
    if (!isPlain) expectClose([z0], [outputs.kl.data?.[0] ?? outputs.kl]);
    expectClose([found.loss], [outputs.loss]);
    expectClose(policy.gradient(found.weights), grad.logits.data);
  });
  test('known on paper: ½ at the start, z₀ never negative, the printed values', () => {
    const settings = { kind: 'kto', beta: 0.1, desirableWeight: 1, undesirableWeight: 1 } as const;
    const offsets = Int32Array.of(0, 1, 2);
    const start = unpairedWeights(settings, [-1, -2], [-1, -2], offsets, [true, false], 0);
    expect(start.loss).toBeCloseTo(0.5, 12);
    expectClose(start.weights, [0.0125, -0.0125], 1e-12);
    const one = (good: boolean) => unpairedWeights(settings, [-1], [-2], Int32Array.of(0, 1), [good], 0.5).loss;
    expect([one(true), one(false)].map((loss) => loss.toFixed(7))).toEqual(['0.4875026', '0.5124974']);
    expect(referencePoint([-3, 1], 2)).toBe(0);
    expect(referencePoint([3, 1], 2)).toBe(2);
  });
});
