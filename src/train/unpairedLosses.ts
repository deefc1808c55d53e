// Losses over answers that are desirable or not, without pairs, as plain numbers: KTO (Ethayarajh et al. 2024, arXiv 2402.01306, Eq. 7)
// and TRL's `apo_zero_unpaired`. With r = log π(y|x) − log π_ref(y|x), a SUM over the answer's tokens:
//   desirable  w_D (1 − σ(β (r − z₀)))      undesirable  w_U (1 − σ(β (z₀ − r)))      mean over all answers
//   z₀ = max(0, mean of log π(y'|x) − log π_ref(y'|x) over MISMATCHED answers y'), a constant to the gradient
import { sigmoid } from './preferenceLosses';

export interface Unpaired {
  kind: 'kto' | 'apo_zero_unpaired';
  beta: number;
  /** w_D and w_U */
  desirableWeight: number;
  undesirableWeight: number;
}

/** KTO's reference point. @param differences [N] log π − log π_ref of mismatched answers' tokens @param answers how many they are */
export function referencePoint(differences: ArrayLike<number>, answers: number): number {
  let sum = 0;
  for (let i = 0; i < differences.length; i++) sum += differences[i];
  return answers === 0 ? 0 : Math.max(0, sum / answers);
}

export interface UnpairedOutcome {
  loss: number;
  /** [N] of log π */
  weights: Float64Array;
  /** [A] β·r */
  rewards: Float64Array;
}

/** @param logProb [N] of the policy @param reference [N] @param offsets [A + 1] @param isDesirable [A] */
export function unpairedWeights(
  { kind, beta, desirableWeight, undesirableWeight }: Unpaired,
  logProb: ArrayLike<number>,
  reference: ArrayLike<number>,
  offsets: Int32Array,
  isDesirable: readonly boolean[],
  z0: number,
): UnpairedOutcome {
  const answers = isDesirable.length;
  const outcome = { loss: 0, weights: new Float64Array(logProb.length), rewards: new Float64Array(answers) };
  isDesirable.forEach((good, a) => {
    let r = 0;
    for (let i = offsets[a]; i < offsets[a + 1]; i++) r += logProb[i] - reference[i];
    const point = kind === 'kto' ? z0 : 0;
    const weight = kind === 'kto' ? (good ? desirableWeight : undesirableWeight) : 1;
    const x = (good ? 1 : -1) * beta * (r - point);
    outcome.loss += (weight * sigmoid(-x)) / answers;
    outcome.rewards[a] = beta * r;
    const slope = (good ? -1 : 1) * beta * weight * sigmoid(x) * sigmoid(-x);
    outcome.weights.fill(-slope / answers, offsets[a], offsets[a + 1]);
  });
  return outcome;
}
