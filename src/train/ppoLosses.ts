// PPO's numbers (Schulman et al. 2017, arXiv 1707.06347) for answers as sequences of tokens: rewards per token with the KL in them,
// generalised advantages (Schulman et al. 2015, arXiv 1506.02438, Eq. 16), whitening, and the clipped losses of policy and critic.
// Forms as in TRL 0.24. Plain float64 in and out; tokens of one answer stand side by side, `offsets` [A + 1] says where answers begin.

/** −c·kl_t for every token, and the score on the answer's last one. @param kl [N] @param scores [A] */
export function tokenRewards(
  scores: ArrayLike<number>,
  kl: ArrayLike<number>,
  klCoefficient: number,
  offsets: Int32Array,
): Float64Array {
  const rewards = Float64Array.from(kl, (value) => -klCoefficient * value);
  for (let a = 0; a + 1 < offsets.length; a++)
    if (offsets[a + 1] > offsets[a]) rewards[offsets[a + 1] - 1] += scores[a];
  return rewards;
}

/** A_t = Σ_l (γλ)^l δ_{t+l}, δ_t = r_t + γ V_{t+1} − V_t; the value after an answer's last token is 0. Returns: A + V. */
export function generalisedAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  offsets: Int32Array,
  gamma: number,
  lambda: number,
): { advantages: Float64Array; returns: Float64Array } {
  const advantages = new Float64Array(rewards.length);
  for (let a = 0; a + 1 < offsets.length; a++) {
    let [later, value] = [0, 0];
    for (let t = offsets[a + 1] - 1; t >= offsets[a]; t--) {
      later = rewards[t] + gamma * value - values[t] + gamma * lambda * later;
      value = values[t];
      advantages[t] = later;
    }
  }
  return { advantages, returns: advantages.map((advantage, t) => advantage + values[t]) };
}

/** 1 = counts; absent = all count */
type Mask = ArrayLike<number> | null;

/** (x − mean) / √(variance + 1e-8), variance with n − 1, over what counts. @param shift false keeps the mean */
export function whitened(list: ArrayLike<number>, mask: Mask = null, shift = true): Float64Array {
  const counted = Array.from(list).filter((_, i) => mask === null || mask[i] === 1);
  const mean = counted.reduce((sum, x) => sum + x, 0) / counted.length;
  const squares = counted.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const scale = 1 / Math.sqrt((counted.length > 1 ? squares / (counted.length - 1) : 0) + 1e-8);
  return Float64Array.from(list, (x, i) => {
    if (mask !== null && mask[i] !== 1) return 0;
    return (x - mean) * scale + (shift ? 0 : mean);
  });
}

export interface ClippedActorCritic {
  /** of the ratio, to both sides of 1 */
  clip: number;
  /** how far a value may move from what it was while sampling */
  valueClip: number;
  /** of the critic's loss */
  valueCoefficient: number;
}

/** [N] columns of one update */
export interface ActorCriticColumns {
  logProb: ArrayLike<number>;
  values: ArrayLike<number>;
  oldLogProb: ArrayLike<number>;
  oldValues: ArrayLike<number>;
  advantages: ArrayLike<number>;
  returns: ArrayLike<number>;
}

export interface ActorCriticOutcome {
  loss: number;
  policyLoss: number;
  /** without its coefficient */
  valueLoss: number;
  /** [N] −∂loss/∂log π and −∂loss/∂V */
  weights: Float64Array;
  valueWeights: Float64Array;
  /** shares of tokens that a clip holds */
  clipped: number;
  valueClipped: number;
  /** Σ ½ (log π − log π_old)² over the tokens that count (k2) */
  k2: number;
}

/** mean max(−Aρ, −A clip(ρ)) + c · ½ mean max((V − R)², (clip(V) − R)²), means over tokens. */
export function actorCriticWeights(
  { clip, valueClip, valueCoefficient }: ClippedActorCritic,
  columns: ActorCriticColumns,
  policyMask: Mask = null,
  valueMask: Mask = null,
): ActorCriticOutcome {
  const { logProb, values, oldLogProb, oldValues, advantages, returns } = columns;
  const count = (mask: Mask) => (mask === null ? logProb.length : Array.from(mask).reduce((sum, m) => sum + m, 0));
  const [tokens, valued] = [Math.max(1, count(policyMask)), Math.max(1, count(valueMask))];
  const outcome: ActorCriticOutcome = {
    loss: 0,
    policyLoss: 0,
    valueLoss: 0,
    weights: new Float64Array(logProb.length),
    valueWeights: new Float64Array(logProb.length),
    clipped: 0,
    valueClipped: 0,
    k2: 0,
  };
  for (let i = 0; i < logProb.length; i++) {
    if (policyMask === null || policyMask[i] === 1) {
      const ratio = Math.exp(logProb[i] - oldLogProb[i]);
      const held = Math.min(Math.max(ratio, 1 - clip), 1 + clip);
      const isHeld = -advantages[i] * held > -advantages[i] * ratio;
      outcome.policyLoss -= (advantages[i] * (isHeld ? held : ratio)) / tokens;
      outcome.weights[i] = isHeld ? 0 : (advantages[i] * ratio) / tokens;
      outcome.clipped += Number(isHeld) / tokens;
      outcome.k2 += 0.5 * (logProb[i] - oldLogProb[i]) ** 2;
    }
    if (valueMask === null || valueMask[i] === 1) {
      const near = Math.min(Math.max(values[i], oldValues[i] - valueClip), oldValues[i] + valueClip);
      const [free, held] = [values[i] - returns[i], near - returns[i]];
      const isHeld = held ** 2 > free ** 2;
      outcome.valueLoss += (0.5 * Math.max(free ** 2, held ** 2)) / valued;
      // A held value is constant to the gradient.
      outcome.valueWeights[i] = isHeld ? 0 : (-valueCoefficient * free) / valued;
      outcome.valueClipped += Number(isHeld) / valued;
    }
  }
  outcome.loss = outcome.policyLoss + valueCoefficient * outcome.valueLoss;
  return outcome;
}
