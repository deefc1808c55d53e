// Forms of the supervised loss beside the plain token mean, as plain numbers.

/** DFT (Wu et al. 2025, arXiv 2508.05629): −(1/N) Σ sg(p_t) log p_t. @param logProb [N] @returns weights [N] of log π */
export function dynamicWeights(logProb: ArrayLike<number>): Float64Array {
  return Float64Array.from(logProb, (lp) => Math.exp(lp) / logProb.length);
}

/**
 * Label smoothing (Szegedy et al. 2015, arXiv 1512.00567): (1 − ε)·NLL + ε·mean over ALL words of −log p, the target included.
 * @param targets [N] @returns weights [N · V] of log π
 */
export function smoothedWeights(targets: ArrayLike<number>, vocabulary: number, epsilon: number): Float64Array {
  const tokens = targets.length;
  const weights = new Float64Array(tokens * vocabulary).fill(epsilon / vocabulary / tokens);
  for (let i = 0; i < tokens; i++) weights[i * vocabulary + targets[i]] += (1 - epsilon) / tokens;
  return weights;
}
