// Losses of an evaluator that says "correct" or "incorrect" of a solution, as plain numbers (Liu et al. 2023, arXiv 2310.10047):
//   S = P(correct) / (P(correct) + P(incorrect)) = σ(x),  x = log P(correct) − log P(incorrect)
//   margin   max(0, log S(wrong) − log S(right) + λ)          xent   −log S(right) − log(1 − S(wrong))      mean over pairs
import { logSigmoid, sigmoid } from './preferenceLosses';

export type EvaluatorLoss = 'margin' | 'xent';

/**
 * @param logProb [4 · pairs]: of the two words after the right solution (correct, incorrect), then after the wrong one
 * @returns loss of each pair, and weights [4 · pairs] of these log-probabilities, divided by the number of pairs
 */
export function evaluatorWeights(
  kind: EvaluatorLoss,
  lambda: number,
  logProb: ArrayLike<number>,
): { losses: Float64Array; weights: Float64Array } {
  const pairs = logProb.length / 4;
  const [losses, weights] = [new Float64Array(pairs), new Float64Array(logProb.length)];
  for (let p = 0; p < pairs; p++) {
    const [right, wrong] = [0, 2].map((at) => logProb[4 * p + at] - logProb[4 * p + at + 1]);
    let slopes: [number, number];
    if (kind === 'xent') {
      losses[p] = -logSigmoid(right) - logSigmoid(-wrong);
      slopes = [-sigmoid(-right), sigmoid(wrong)];
    } else {
      losses[p] = Math.max(0, logSigmoid(wrong) - logSigmoid(right) + lambda);
      slopes = losses[p] > 0 ? [-sigmoid(-right), sigmoid(-wrong)] : [0, 0];
    }
    slopes.forEach((slope, k) => {
      weights[4 * p + 2 * k] = -slope / pairs;
      weights[4 * p + 2 * k + 1] = slope / pairs;
    });
  }
  return { losses, weights };
}
