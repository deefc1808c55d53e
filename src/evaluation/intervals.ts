// Confidence intervals and exact tests. z = 1.959963984540054 is the 97.5 % quantile of the normal distribution.
import type { Interval } from '../protocol/metrics';

const Z95 = 1.959963984540054;

/** Wilson score interval (Wilson 1927) of `successes` in n. */
export function wilson(successes: number, n: number, z = Z95): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Normal interval of the mean of paired differences d_i in {−1, 0, 1}, from the counts of +1 and −1; sample variance (n − 1). */
export function pairedDelta(plus: number, minus: number, n: number, z = Z95): Interval & { delta: number } {
  if (n === 0) return { delta: 0, low: -1, high: 1 };
  const delta = (plus - minus) / n;
  const variance = n > 1 ? (plus + minus - n * delta * delta) / (n - 1) : 1;
  const half = z * Math.sqrt(Math.max(0, variance) / n);
  return { delta, low: Math.max(-1, delta - half), high: Math.min(1, delta + half) };
}

/** Exact two-sided McNemar test (McNemar 1947): p of a fair coin showing b and c, or something less balanced. */
export function mcnemarExact(b: number, c: number): number {
  const n = b + c;
  if (n === 0) return 1;
  const k = Math.min(b, c);
  // Σ_{i ≤ k} C(n, i) 2^−n in logarithms: n may be in the thousands.
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log(n - i + 1) - Math.log(i);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
}
