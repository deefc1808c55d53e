// DPO with its variants and SPIN against TRL's values and gradients (float64, 1e-10), and the cases known on paper.
import { describe, expect, test } from 'vitest';
import { type PreferenceLoss, pairTerms, preferenceWeights } from './preferenceLosses';
import { expectClose, readGoldens, scoreTokens } from './testing/goldenVectors';

const entries = readGoldens('losses', 'preference', new URL('./fixtures/preference.json', import.meta.url));
const kindOf: Record<string, PreferenceLoss> = {
  dpo_sigmoid: 'sigmoid',
  'dpo_hinge_beta0.5': 'hinge',
  dpo_ipo: 'ipo',
  'dpo_robust_e0.1': 'robust',
  'dpo_exo_pair_e0.1': 'exo_pair',
  dpo_nca_pair: 'nca_pair',
  dpo_bco_pair: 'bco_pair',
  dpo_sppo_hard: 'sppo_hard',
  dpo_apo_zero: 'apo_zero',
  dpo_apo_down: 'apo_down',
  'dpo_sigmoid_norm_beta2.0': 'sigmoid_norm',
  'dpo_cdpo_e0.1': 'conservative',
  'dpo_rpo_alpha0.7': 'sigmoid',
  dpo_ipo_paper_sums: 'ipo_sums',
  dpo_discopop: 'discopop',
  dpo_sigmoid_forward_kl: 'forward_kl',
  dpo_sigmoid_js_divergence: 'js_divergence',
  'dpo_aot_e0.1': 'aot',
  dpo_aot_unpaired: 'aot_unpaired',
  'spin_sigmoid_beta0.1': 'sigmoid',
  'spin_hinge_beta0.1': 'hinge',
  'spin_exponential_beta0.1': 'exponential',
  'spin_linear_beta0.1': 'linear',
  'spin_correlation_beta0.1': 'correlation',
};

test.each(Object.keys(kindOf))('%s', (name) => {
  const { params, inputs, outputs, grad } = entries.find((candidate) => candidate.name === name)!;
  const policy = scoreTokens(inputs.logits, inputs.ids, inputs.mask);
  const reference = scoreTokens(inputs.ref_logits, inputs.ids, inputs.mask);
  const half = (policy.offsets.length - 1) / 2;
  const pairs = Array.from({ length: half }, (_, p): [number, number] => [p, half + p]);
  const beta = params.beta ?? params.lambda;
  const terms = {
    kind: kindOf[name],
    beta,
    labelSmoothing: params.label_smoothing ?? 0,
    likelihood: params.alpha ?? 0,
    pairs,
  };
  const found = preferenceWeights(terms, policy.logProb, reference.logProb, policy.offsets);
  expectClose([found.loss], [outputs.loss]);
  expectClose(policy.gradient(found.weights), grad.logits.data);
  if (outputs.rewards_chosen && kindOf[name] === 'sigmoid') {
    expectClose(found.chosen, outputs.rewards_chosen.data);
    expectClose(found.rejected, outputs.rewards_rejected.data);
  }
});

describe('known on paper', () => {
  test.each([
    [0.1, 0, Math.LN2, -0.05],
    [0.1, 2, 0.598139, -0.0450166],
    [0.1, 10, 0.313262, -0.0268941],
    [0.5, 2, 0.313262, -0.134471],
    [0.1, 7, 0.403186, -0.0331812],
  ])('sigmoid, beta %d, difference %d', (beta, d, loss, slope) => {
    const terms = pairTerms('sigmoid', beta, 0, d, 0);
    expect(terms.loss).toBeCloseTo(loss, 6);
    expect(terms.dc).toBeCloseTo(slope, 6);
    expect(terms.dj).toBe(-terms.dc);
  });
  test.each([
    [0.1, 25],
    [0.5, 1],
  ])('IPO at the start, beta %d', (beta, loss) => {
    expect(pairTerms('ipo', beta, 0, 0, 0).loss).toBeCloseTo(loss, 12);
  });
  test('two equal answers: ln 2 and no weight at all', () => {
    const logProb = [-1, -2, -1, -2];
    const outcome = preferenceWeights(
      { kind: 'sigmoid', beta: 0.1, labelSmoothing: 0, likelihood: 0, pairs: [[0, 0]] },
      logProb,
      [-3, -1, -3, -1],
      Int32Array.of(0, 2, 4),
    );
    expect(outcome.loss).toBeCloseTo(Math.LN2, 12);
    expect([...outcome.weights]).toEqual([0, 0, 0, 0]);
  });
  test('extreme differences stay finite', () => {
    for (const d of [-5000, 5000]) {
      const { loss, dc } = pairTerms('sigmoid', 1, 0, d, 0);
      expect(Number.isFinite(loss) && Number.isFinite(dc)).toBe(true);
    }
    expect(pairTerms('sigmoid', 1, 0, -5000, 0)).toMatchObject({ loss: 5000, dc: -1 });
  });
  // SPIN with the logistic loss: the minimiser is p ∝ p_t (p_data / p_t)^(1/λ) (its theorem 5.4).
  test.each([
    [1, 0.8],
    [2, 2 / 3],
    [0.5, 0.9412],
  ])('SPIN: two answers, opponent ½, data 0.8, lambda %d', (lambda, best) => {
    const [opponent, data] = [0.5, 0.8];
    let logit = 0;
    for (let step = 0; step < 4000; step++) {
      const p = 1 / (1 + Math.exp(-logit));
      const ratios = [Math.log(p / opponent), Math.log((1 - p) / (1 - opponent))];
      let slope = 0;
      for (const real of [0, 1]) {
        for (const generated of [0, 1]) {
          const chance = (real === 0 ? data : 1 - data) * opponent;
          const { dc, dj } = pairTerms('sigmoid', lambda, 0, ratios[real], ratios[generated]);
          // d log p_k / d logit = 1[k = 0] − p
          slope += chance * (dc * ((real === 0 ? 1 : 0) - p) + dj * ((generated === 0 ? 1 : 0) - p));
        }
      }
      logit -= slope;
    }
    expect(1 / (1 + Math.exp(-logit))).toBeCloseTo(best, 3);
  });
});
