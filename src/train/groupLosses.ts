// Group-relative policy gradients as plain numbers: GRPO (Shao et al. 2024, arXiv 2402.03300) with TRL's variants, and RLOO
// (Ahmadian et al. 2024, arXiv 2402.14740) with PPO's clip. Rewards in, advantages out; log-probabilities in, weights out.

/** Rewards of G samples of one prompt stand side by side; NaN = could not be scored: left out of mean and spread, advantage 0. */
export function groupAdvantages(
  rewards: ArrayLike<number>,
  groupSize: number,
  scale: 'group' | 'batch' | 'none',
): Float64Array {
  const all = Array.from(rewards);
  const meanOf = (list: number[]) => list.reduce((sum, r) => sum + r, 0) / list.length;
  const scored = (list: number[]) => list.filter((r) => !Number.isNaN(r));
  // Bessel's correction, as TRL; one sample has no spread.
  const spreadOf = (list: number[]) => {
    const mean = meanOf(list);
    return list.length < 2 ? 0 : Math.sqrt(list.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (list.length - 1));
  };
  const overall = spreadOf(scored(all));
  return Float64Array.from(all, (reward, i) => {
    if (Number.isNaN(reward)) return 0;
    const start = i - (i % groupSize);
    const group = scored(all.slice(start, start + groupSize));
    const centred = reward - meanOf(group);
    if (scale === 'none') return centred;
    return centred / ((scale === 'group' ? spreadOf(group) : overall) + 1e-4);
  });
}

export interface GroupLoss {
  /** how tokens are averaged; `cispo` and `sapo` (arXiv 2511.20347) have terms of their own, `luspo` sums over an answer */
  kind: 'grpo' | 'bnpo' | 'dapo' | 'dr_grpo' | 'cispo' | 'sapo' | 'luspo';
  /** of the importance ratio: per token, or one per answer (GSPO) */
  level: 'token' | 'sequence';
  epsilonLow: number;
  /** `cispo`: the cap of the ratio itself */
  epsilonHigh: number;
  /** upper limit of the unclipped ratio (INTELLECT-2); null = none */
  delta: number | null;
  /** of k3, in the loss: its gradient is that of KL(reference ‖ policy) */
  beta: number;
  /** multiplies k3 by the ratio: its gradient is that of KL(policy ‖ reference) */
  correctKl: boolean;
  /** divisor of `dr_grpo` */
  maxTokens: number;
}

export interface GroupOutcome {
  loss: number;
  /** [N] of log π */
  weights: Float64Array;
  /** mean over all tokens of k3; 0 without a reference */
  kl: number;
  /** shares of tokens that the clip holds back */
  clippedLow: number;
  clippedHigh: number;
}

/**
 * @param logProb [N] of the policy @param old [N] of the policy that sampled @param reference [N], or null with β = 0
 * @param advantages [A] @param offsets [A + 1]
 */
export function groupWeights(
  settings: GroupLoss,
  logProb: ArrayLike<number>,
  old: ArrayLike<number>,
  reference: ArrayLike<number> | null,
  advantages: ArrayLike<number>,
  offsets: Int32Array,
): GroupOutcome {
  const { kind, level, epsilonLow, epsilonHigh, delta, beta, correctKl, maxTokens } = settings;
  const answers = offsets.length - 1;
  const total = Math.max(1, offsets[answers] - offsets[0]);
  const outcome = { loss: 0, weights: new Float64Array(logProb.length), kl: 0, clippedLow: 0, clippedHigh: 0 };
  for (let a = 0; a < answers; a++) {
    const [from, to] = [offsets[a], offsets[a + 1]];
    const length = to - from;
    const advantage = advantages[a];
    const shares = { dr_grpo: 1 / (answers * maxTokens), luspo: 1 / answers, bnpo: 1 / total, dapo: 1 / total };
    const share = { ...shares, cispo: 1 / total, grpo: 1 / (length * answers), sapo: 1 / (length * answers) }[kind];
    let meanLogRatio = 0;
    for (let i = from; i < to; i++) meanLogRatio += (logProb[i] - old[i]) / length;
    // ∂(sum of this answer's losses)/∂(its shared log ratio), for the level of sequences
    let shared = 0;
    for (let i = from; i < to; i++) {
      const ratio = Math.exp(level === 'sequence' ? meanLogRatio : logProb[i] - old[i]);
      const { loss, slope } = clippedTerm(settings, ratio, advantage, logProb[i]);
      let [value, viaRatio] = [loss, kind === 'cispo' ? 0 : slope * ratio];
      let direct = kind === 'cispo' ? slope : 0;
      if (beta > 0 && reference) {
        const difference = logProb[i] - reference[i];
        const k3 = Math.expm1(-difference) + difference;
        const factor = correctKl ? (delta === null ? ratio : Math.min(ratio, delta)) : 1;
        value += beta * k3 * factor;
        direct += beta * -Math.expm1(-difference) * factor;
        if (correctKl && !(delta !== null && ratio > delta)) viaRatio += beta * k3 * ratio;
        outcome.kl += k3 / total;
      }
      if (ratio < 1 - epsilonLow && advantage < 0) outcome.clippedLow += 1 / total;
      if (ratio > (kind === 'cispo' ? epsilonHigh : 1 + epsilonHigh) && advantage > 0) outcome.clippedHigh += 1 / total;
      outcome.loss += share * value;
      if (level === 'sequence') shared += share * viaRatio;
      else direct += viaRatio;
      outcome.weights[i] -= share * direct;
    }
    if (level === 'sequence') for (let i = from; i < to; i++) outcome.weights[i] -= shared / length;
  }
  return outcome;
}

/** −min(ρA, clip(ρ)A) with its slope in ρ; for `cispo` −sg(min(ρ, cap))·A·log π with its slope in log π. */
export function clippedTerm(
  settings: Pick<GroupLoss, 'kind' | 'epsilonLow' | 'epsilonHigh' | 'delta'>,
  ratio: number,
  advantage: number,
  logProb: number,
): { loss: number; slope: number } {
  const { kind, epsilonLow, epsilonHigh, delta } = settings;
  if (kind === 'cispo') {
    const slope = -Math.min(ratio, epsilonHigh) * advantage;
    return { loss: slope * logProb, slope };
  }
  if (kind === 'sapo') {
    // a soft gate instead of the clip, narrower for answers to be unlearned (temperatures as in TRL)
    const temperature = advantage > 0 ? 1 : 1.05;
    const gate = 1 / (1 + Math.exp(-temperature * (ratio - 1)));
    return { loss: (-4 / temperature) * gate * advantage, slope: -4 * gate * (1 - gate) * advantage };
  }
  const capped = delta === null ? ratio : Math.min(ratio, delta);
  const clipped = Math.min(Math.max(ratio, 1 - epsilonLow), 1 + epsilonHigh);
  const isClipped = clipped * advantage < capped * advantage;
  const flat = isClipped ? clipped !== ratio : capped !== ratio;
  return { loss: -Math.min(capped * advantage, clipped * advantage), slope: flat ? 0 : -advantage };
}

/** REINFORCE (Williams 1992): −mean_i A_i Σ_t log π. An answer is one action: its log-probability is the sum over its tokens. */
export function reinforceWeights(advantages: ArrayLike<number>, offsets: Int32Array): Float64Array {
  const answers = offsets.length - 1;
  const weights = new Float64Array(offsets[answers]);
  for (let a = 0; a < answers; a++) weights.fill(advantages[a] / answers, offsets[a], offsets[a + 1]);
  return weights;
}

/** RLOO's loss: −mean_i min(ρ_i A_i, clip(ρ_i) A_i) with one ratio per answer, ρ = exp(Σ_t log π − log π_old). */
export function sequenceWeights(
  epsilonLow: number,
  epsilonHigh: number,
  logProb: ArrayLike<number>,
  old: ArrayLike<number>,
  advantages: ArrayLike<number>,
  offsets: Int32Array,
): { loss: number; weights: Float64Array } {
  const answers = offsets.length - 1;
  const weights = new Float64Array(logProb.length);
  let loss = 0;
  for (let a = 0; a < answers; a++) {
    let logRatio = 0;
    for (let i = offsets[a]; i < offsets[a + 1]; i++) logRatio += logProb[i] - old[i];
    const ratio = Math.exp(logRatio);
    const clip = { kind: 'grpo', epsilonLow, epsilonHigh, delta: null } as const;
    const term = clippedTerm(clip, ratio, advantages[a], 0);
    loss += term.loss / answers;
    weights.fill((-term.slope * ratio) / answers, offsets[a], offsets[a + 1]);
  }
  return { loss, weights };
}
