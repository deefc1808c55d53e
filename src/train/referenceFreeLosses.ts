// Losses over pairs of answers that need no reference policy, as plain numbers: ORPO (Hong et al. 2024, arXiv 2403.07691, Eq. 6 and 7),
// SimPO (Meng et al. 2024, arXiv 2405.14734, Eq. 6), AlphaPO (arXiv 2501.03884) and CPO (Xu et al. 2024, arXiv 2401.08417), forms as in
// TRL 1.16. With a, b = log π(y⁺), log π(y⁻): means per token in `orpo`, `simpo` and `ipo`, SUMS in `sigmoid` and `hinge` (CPO).
import { logSigmoid, type PreferenceOutcome, sigmoid } from './preferenceLosses';

export interface ReferenceFree {
  kind: 'orpo' | 'simpo' | 'sigmoid' | 'hinge' | 'ipo';
  beta: number;
  /** SimPO's target margin γ, in the same unit as β·(a − b) */
  gamma: number;
  labelSmoothing: number;
  /** AlphaPO: the reward is (1 − e^{−α a}) / α instead of a; 0 = SimPO */
  alpha: number;
  /** of the token-mean cross-entropy of the better answers, added to the loss: 1 in ORPO, CPO's α */
  likelihood: number;
  /** indices of answers: [better, worse] */
  pairs: readonly (readonly [number, number])[];
}

/** An answer of probability 1 would have infinite odds: means per token stop here. */
const SUREST = -1e-7;

/** @returns the loss of one pair and its slopes in a and b */
export function referenceFreeTerms(settings: Omit<ReferenceFree, 'pairs' | 'likelihood'>, a: number, b: number) {
  const { kind, beta, gamma, labelSmoothing: e, alpha } = settings;
  if (kind === 'orpo') {
    // log odds(y⁺) − log odds(y⁻), log odds = a − log(1 − e^a); its slope in a is 1 / (1 − e^a)
    const missing = (x: number) => -Math.expm1(Math.min(x, SUREST));
    const z = a - b - Math.log(missing(a)) + Math.log(missing(b));
    const slope = -beta * sigmoid(-z);
    return { loss: -beta * logSigmoid(z), da: slope / missing(a), db: -slope / missing(b) };
  }
  const reward = (x: number) => (alpha === 0 ? x : (1 - Math.exp(-alpha * x)) / alpha);
  const rise = (x: number) => (alpha === 0 ? 1 : Math.exp(-alpha * x));
  const both = (loss: number, slope: number) => ({ loss, da: slope * rise(a), db: -slope * rise(b) });
  const z = reward(a) - reward(b);
  if (kind === 'hinge') return both(Math.max(0, 1 - beta * z), beta * z < 1 ? -beta : 0);
  if (kind === 'ipo') return both((z - 0.5 / beta) ** 2, 2 * (z - 0.5 / beta));
  const x = beta * z - (kind === 'simpo' ? gamma : 0);
  const loss = -(1 - e) * logSigmoid(x) - e * logSigmoid(-x);
  return both(loss, beta * (e * sigmoid(x) - (1 - e) * sigmoid(-x)));
}

/** @param logProb [N] of the policy @param offsets [A + 1] @returns chosen and rejected: β·a and β·b (TRL's rewards) */
export function referenceFreeWeights(
  settings: ReferenceFree,
  logProb: ArrayLike<number>,
  offsets: Int32Array,
): PreferenceOutcome {
  const { kind, beta, likelihood, pairs } = settings;
  const isMean = kind === 'orpo' || kind === 'simpo' || kind === 'ipo';
  const divisor = (answer: number) => (isMean ? Math.max(1, offsets[answer + 1] - offsets[answer]) : 1);
  const scoreOf = (answer: number) => {
    let sum = 0;
    for (let i = offsets[answer]; i < offsets[answer + 1]; i++) sum += logProb[i];
    return sum / divisor(answer);
  };
  const weights = new Float64Array(logProb.length);
  const [chosen, rejected] = [new Float64Array(pairs.length), new Float64Array(pairs.length)];
  const betterTokens = pairs.reduce((sum, [better]) => sum + offsets[better + 1] - offsets[better], 0);
  let loss = 0;
  pairs.forEach(([better, worse], p) => {
    const [a, b] = [scoreOf(better), scoreOf(worse)];
    const terms = referenceFreeTerms(settings, a, b);
    loss += terms.loss / pairs.length;
    chosen[p] = beta * a;
    rejected[p] = beta * b;
    for (const [answer, slope] of [
      [better, terms.da],
      [worse, terms.db],
    ]) {
      const weight = -slope / (divisor(answer) * pairs.length);
      for (let i = offsets[answer]; i < offsets[answer + 1]; i++) weights[i] += weight;
    }
    for (let i = offsets[better]; i < offsets[better + 1] && likelihood > 0; i++) {
      loss -= (likelihood * logProb[i]) / betterTokens;
      weights[i] += likelihood / betterTokens;
    }
  });
  return { loss, weights, chosen, rejected };
}
