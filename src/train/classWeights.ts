// C-RLFT's loss over answers of two qualities, as plain numbers (Wang et al. 2023, OpenChat, arXiv 2309.11235).

/**
 * Σ_t w_t CE_t / Σ_t w_t over the WHOLE effective batch: normalised within a batch of one class, the weights would cancel.
 * @param classWeight [A] of each answer's class: exp(r_c / β), 1 for the expert
 * @returns [N] weights of log π
 */
export function classWeights(offsets: Int32Array, classWeight: ArrayLike<number>): Float64Array {
  const weights = new Float64Array(offsets[offsets.length - 1]);
  let total = 0;
  for (let a = 0; a + 1 < offsets.length; a++) {
    weights.fill(classWeight[a], offsets[a], offsets[a + 1]);
    total += classWeight[a] * (offsets[a + 1] - offsets[a]);
  }
  return total > 0 ? weights.map((weight) => weight / total) : weights;
}
