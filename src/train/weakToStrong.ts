// Weak-to-strong generalisation as plain numbers (Burns et al. 2023, arXiv 2312.09390; github.com/openai/weak-to-strong): targets of a
// strong student that learns two classes from a weak supervisor's soft labels. All targets are constants to the gradient, which with
// respect to the student's two logits is (p − target) / B.
import { quantile } from '../lib/quantile';

/**
 * How much the student's own hardened opinion counts at a share of the training.
 * `paper`: a line up to `most` over the first `warmup`; `reference`, as the public code has it: most · share up to there (so at most
 * most · warmup), then a jump to `most`.
 */
export function confidenceCoefficient(
  schedule: 'paper' | 'reference',
  share: number,
  most: number,
  warmup: number,
): number {
  if (schedule === 'reference') return most * (share > warmup ? 1 : share);
  return warmup > 0 ? most * Math.min(1, share / warmup) : most;
}

/** @param p [B] the student's probability of class 0 @param weak [B] the supervisor's */
export function confidenceTargets(p: readonly number[], weak: readonly number[], coefficient: number) {
  const mean1 = 1 - weak.reduce((sum, w) => sum + w, 0) / weak.length;
  // As many count as class 0 as the supervisor expects: a threshold over the WHOLE batch.
  const threshold = quantile(p, mean1);
  const targets = Float64Array.from(p, (x, i) => (1 - coefficient) * weak[i] + coefficient * Number(x >= threshold));
  return { targets, threshold };
}

/** Target ∝ p^β · weak^α, normalised. */
export function productTargets(
  p: readonly number[],
  weak: readonly number[],
  alpha: number,
  beta: number,
): Float64Array {
  return Float64Array.from(p, (x, i) => {
    const [zero, one] = [x ** beta * weak[i] ** alpha, (1 - x) ** beta * (1 - weak[i]) ** alpha];
    return zero + one > 0 ? zero / (zero + one) : 0.5;
  });
}

/** Mean cross-entropy with soft targets. @param logits [B] log-odds of class 0 */
export function twoClassLoss(logits: readonly number[], targets: ArrayLike<number>): number {
  const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const sum = logits.reduce((total, x, i) => total + targets[i] * softplus(-x) + (1 - targets[i]) * softplus(x), 0);
  return sum / logits.length;
}

/** Performance gap recovered: 0 = no better than the supervisor, 1 = as good as with the truth. null without a gap to recover. */
export function gapRecovered(weak: number, student: number, ceiling: number): number | null {
  return ceiling > weak ? (student - weak) / (ceiling - weak) : null;
}
