// From two attempts' rewards to what each token weighs in the loss: SCoRe's credits, baselines and KL coefficients.
import { advantagesOf, type Baseline, scoreCredits } from './advantages';
import { spread, sumPerAnswer } from './twoAttemptBatch';

export interface ScoreTerms {
  stage: 1 | 2;
  /** in force: 0 without shaping */
  alpha: number;
  beta1: number;
  beta2: number;
  /** true: −β Σ (log π − log π_ref) enters the credit (k1, detached); false: β·KL is a term of the loss */
  klInReward: boolean;
  baseline: Baseline;
  /** first attempts per problem */
  group1: number;
  /** neighbours among the second attempts that are compared */
  group2: number;
  /**
   * Stage II, WRONG on purpose: attempt 1 is also credited with what its second attempts earned, bonus included. At α = 10 its credit
   * falls by 9 for being right, so the policy is paid to fail first (an ablation that shows why the turn discount is 0).
   */
  leaksToFirst?: boolean;
}

export interface ScoreWeights {
  /** rewards after shaping and, if so set, KL */
  credit1: Float64Array;
  credit2: Float64Array;
  advantage1: Float64Array;
  advantage2: Float64Array;
  /** [N] of −log π */
  weights: Float32Array;
  /** [N] of KL */
  klWeights: Float32Array;
}

/**
 * @param r1 [F] @param r2 [E], E a multiple of F (second attempts of a first one are neighbours) or 0
 * @param logRatio [N] log π − log π_ref of the sampled tokens @param offsets of both attempts' answers in the N tokens
 */
export function scoreWeights(
  terms: ScoreTerms,
  r1: Float64Array,
  r2: Float64Array,
  logRatio: Float32Array,
  offsets: { first: Int32Array; second: Int32Array },
): ScoreWeights {
  const { stage, alpha, klInReward, baseline } = terms;
  const seconds = r2.length / r1.length;
  const r1OfSecond = r2.map((_, e) => r1[Math.floor(e / seconds)]);
  const { credit1 } = scoreCredits(stage, r1, r1, 0);
  const { credit2 } = scoreCredits(stage, r1OfSecond, r2, alpha);
  if (terms.leaksToFirst && stage === 2) {
    credit2.forEach((credit, e) => {
      credit1[Math.floor(e / seconds)] += credit / seconds;
    });
  }
  const betas = stage === 1 ? [terms.beta2, terms.beta1] : [terms.beta1, terms.beta1];
  if (klInReward) {
    const k1 = [sumPerAnswer(logRatio, offsets.first), sumPerAnswer(logRatio, offsets.second)];
    for (let f = 0; f < r1.length; f++) credit1[f] -= betas[0] * k1[0][f];
    for (let e = 0; e < r2.length; e++) credit2[e] -= betas[1] * k1[1][e];
  }
  const advantage1 = advantagesOf(credit1, terms.group1, baseline);
  const advantage2 = advantagesOf(credit2, terms.group2, baseline);
  const weights = new Float32Array(logRatio.length);
  const klWeights = new Float32Array(logRatio.length);
  spread(weights, offsets.first, (f) => advantage1[f] / r1.length);
  spread(weights, offsets.second, (e) => advantage2[e] / r2.length);
  if (!klInReward) {
    spread(klWeights, offsets.first, () => betas[0] / r1.length);
    spread(klWeights, offsets.second, () => betas[1] / r2.length);
  }
  return { credit1, credit2, advantage1, advantage2, weights, klWeights };
}
