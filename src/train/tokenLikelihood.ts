// Likelihood losses over answers as plain numbers: the value, and the weight of every token's log-probability.
// A weight is −∂loss/∂log π of the token, as `weightedUpdate` wants it.

/** Indices 0, 1, … of the answers whose tokens share a weight. */
type PerAnswer = (answer: number) => number;

/** Weighted token mean, −Σ s_i log π / N over all N tokens: weight s_i / N. With s = 1 it is the mean cross-entropy of SFT. */
export function tokenMeanWeights(offsets: Int32Array, scale: PerAnswer = () => 1): Float64Array {
  const total = offsets[offsets.length - 1] - offsets[0];
  const weights = new Float64Array(total);
  for (let a = 0; a + 1 < offsets.length; a++) weights.fill(scale(a) / total, offsets[a], offsets[a + 1]);
  return weights;
}

/** −Σ w_i · log π_i: the value of a loss that is linear in the log-probabilities. */
export function linearLoss(weights: ArrayLike<number>, logProbs: ArrayLike<number>): number {
  let loss = 0;
  for (let i = 0; i < weights.length; i++) loss -= weights[i] * logProbs[i];
  return loss;
}
