// The public reference code's reward and weights (github.com/daje0601/Google_SCoRe), as plain numbers.

/**
 * Its "reward", from strings alone: equal to the gold answer 1 (checked first), equal to the first text −1, else 0.5.
 * A right answer that became a wrong one earns 0.5 too; whether the first answer was right never enters.
 */
export function refcodeReward(firstText: string, secondText: string, gold: string): number {
  if (secondText === gold) return 1;
  return secondText === firstText ? -1 : 0.5;
}

/** Mean over rows of reward × mean cross-entropy of the row's tokens: weight reward / (tokens of the row · rows). */
export function rowMeanWeights(offsets: Int32Array, rewards: ArrayLike<number>): Float64Array {
  const rows = offsets.length - 1;
  const weights = new Float64Array(offsets[rows]);
  for (let r = 0; r < rows; r++) {
    weights.fill(rewards[r] / ((offsets[r + 1] - offsets[r]) * rows), offsets[r], offsets[r + 1]);
  }
  return weights;
}
