// The ranking loss of ASC (Li et al. 2023, arXiv 2312.12832, as its code has it): scores s ∈ (0, 1) of a right and a wrong answer to
// one problem,  L = (1 − s₊)^p + s₋^p,  p = 3. Neither a hinge nor Bradley-Terry: each score is pushed to its own end.

/** @param scores [2 · pairs], right and wrong in turn @returns losses [pairs] and dL/ds [2 · pairs] */
export function rankingLoss(scores: ArrayLike<number>, p: number): { losses: Float64Array; slopes: Float64Array } {
  const pairs = scores.length / 2;
  const [losses, slopes] = [new Float64Array(pairs), new Float64Array(2 * pairs)];
  for (let i = 0; i < pairs; i++) {
    const [right, wrong] = [scores[2 * i], scores[2 * i + 1]];
    losses[i] = (1 - right) ** p + wrong ** p;
    slopes[2 * i] = -p * (1 - right) ** (p - 1);
    slopes[2 * i + 1] = p * wrong ** (p - 1);
  }
  return { losses, slopes };
}

/** Scores from log-probabilities of the two verdicts, [2 · answers], right and wrong in turn: s = P(right) / (P(right) + P(wrong)). */
export function verdictScores(logProb: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: logProb.length / 2 },
    (_, i) => 1 / (1 + Math.exp(logProb[2 * i + 1] - logProb[2 * i])),
  );
}

/** Weights of these log-probabilities, −dL/d log π, from slopes of the scores. */
export function verdictWeights(scores: ArrayLike<number>, slopes: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 2 * scores.length }, (_, k) => {
    const i = k >> 1;
    return (k % 2 ? 1 : -1) * slopes[i] * scores[i] * (1 - scores[i]);
  });
}
