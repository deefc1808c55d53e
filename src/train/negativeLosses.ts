// Learning from right AND wrong answers, as plain numbers: the baselines of Li et al. 2023, "Turning Dust into Gold",
// arXiv 2312.12832. Its code has no trainers for them; the exact forms of UL and CL are OUR definitions (each said below).

export type NegativeLoss = 'kd' | 'mix' | 'nt' | 'ul_token' | 'ul_sequence' | 'cl';

export interface LikelihoodOutcome {
  loss: number;
  /** [N] of log π */
  weights: Float64Array;
}

/**
 * @param logProb [N] @param offsets [A + 1] @param positive [A] 1 right, 0 wrong
 * @param weight of the wrong answers in NT and UL (the paper: 0.05)
 * @param sessions [A] which answers are compared with one another by CL
 */
export function negativeWeights(
  kind: NegativeLoss,
  weight: number,
  logProb: ArrayLike<number>,
  offsets: Int32Array,
  positive: ArrayLike<number>,
  sessions: ArrayLike<number>,
): LikelihoodOutcome {
  const answers = Array.from({ length: offsets.length - 1 }, (_, a) => a).filter((a) => offsets[a + 1] > offsets[a]);
  const right = answers.filter((a) => positive[a]);
  const wrong = answers.filter((a) => !positive[a]);
  const lengthOf = (a: number) => offsets[a + 1] - offsets[a];
  const tokensOf = (list: number[]) => list.reduce((sum, a) => sum + lengthOf(a), 0);
  const outcome: LikelihoodOutcome = { loss: 0, weights: new Float64Array(logProb.length) };
  /** adds −scale·log π of every token of these answers */
  const addLikelihood = (list: number[], scale: number) => {
    for (const a of list) {
      for (let i = offsets[a]; i < offsets[a + 1]; i++) {
        outcome.loss -= scale * logProb[i];
        outcome.weights[i] += scale;
      }
    }
  };
  const meanLogProb = (a: number) => {
    let sum = 0;
    for (let i = offsets[a]; i < offsets[a + 1]; i++) sum += logProb[i];
    return sum / lengthOf(a);
  };
  const spreadSlope = (a: number, slope: number) => {
    for (let i = offsets[a]; i < offsets[a + 1]; i++) outcome.weights[i] -= slope / lengthOf(a);
  };

  if (kind === 'mix') addLikelihood(answers, 1 / Math.max(1, tokensOf(answers)));
  if (kind === 'nt') {
    // score +1 and −w per answer, mean over all tokens: unbounded below, so w stays small
    addLikelihood(right, 1 / Math.max(1, tokensOf(answers)));
    addLikelihood(wrong, -weight / Math.max(1, tokensOf(answers)));
  }
  if (kind === 'kd' || kind === 'ul_token' || kind === 'ul_sequence')
    addLikelihood(right, 1 / Math.max(1, tokensOf(right)));
  if (kind === 'ul_token') {
    // ours: w · mean over wrong tokens of −log(1 − p)
    const scale = weight / Math.max(1, tokensOf(wrong));
    for (const a of wrong) {
      for (let i = offsets[a]; i < offsets[a + 1]; i++) {
        outcome.loss -= scale * Math.log(-Math.expm1(logProb[i]));
        outcome.weights[i] -= scale / Math.expm1(-logProb[i]);
      }
    }
  }
  if (kind === 'ul_sequence') {
    // ours: w · mean over wrong answers of −log(1 − P^(1/|y|)); with the bare P a long answer has no gradient
    for (const a of wrong) {
      const l = meanLogProb(a);
      outcome.loss -= (weight / wrong.length) * Math.log(-Math.expm1(l));
      spreadSlope(a, weight / wrong.length / Math.expm1(-l));
    }
  }
  if (kind === 'cl') addContrast(answers, sessions, positive, meanLogProb, outcome, spreadSlope);
  return outcome;
}

/** Ours: −log(Σ_right e^l / Σ_all e^l) with l the mean log-probability, mean over sessions that have both kinds. */
function addContrast(
  answers: number[],
  sessions: ArrayLike<number>,
  positive: ArrayLike<number>,
  meanLogProb: (a: number) => number,
  outcome: LikelihoodOutcome,
  spreadSlope: (a: number, slope: number) => void,
): void {
  const members = new Map<number, number[]>();
  for (const a of answers) members.set(sessions[a], [...(members.get(sessions[a]) ?? []), a]);
  const mixed = [...members.values()].filter((list) => list.some((a) => positive[a]) && list.some((a) => !positive[a]));
  for (const list of mixed) {
    const masses = list.map((a) => Math.exp(meanLogProb(a)));
    const all = masses.reduce((sum, mass) => sum + mass, 0);
    const good = masses.reduce((sum, mass, k) => sum + (positive[list[k]] ? mass : 0), 0);
    outcome.loss -= Math.log(good / all) / mixed.length;
    list.forEach((a, k) => {
      spreadSlope(a, (masses[k] / all - (positive[a] ? masses[k] / good : 0)) / mixed.length);
    });
  }
}
