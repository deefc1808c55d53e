// Confidence intervals and exact tests. z = 1.959963984540054 is the 97.5 % quantile of the normal distribution.
import type { Interval } from '../protocol/metrics';

export { wilson } from '../lib/wilson';

const Z95 = 1.959963984540054;

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

/** P(T ≤ t) of Student's t with `df` degrees of freedom, t ≥ 0: Simpson's rule over the density after x = √df·tan θ. */
function studentCdf(t: number, df: number): number {
  const end = Math.atan(t / Math.sqrt(df));
  const slices = 2000;
  // ∫ cos^(df−1) θ dθ from 0 to `upper`
  const area = (upper: number) => {
    let sum = 0;
    for (let i = 0; i <= slices; i++) {
      const weight = i === 0 || i === slices ? 1 : i % 2 === 1 ? 4 : 2;
      sum += weight * Math.cos((i * upper) / slices) ** (df - 1);
    }
    return (sum * upper) / (3 * slices);
  };
  return 0.5 + (0.5 * area(end)) / area(Math.PI / 2);
}

/** Mean with its 95 % t-interval over independent runs; the interval is null for fewer than two. */
export function meanOverRuns(values: readonly number[]): { mean: number; interval: Interval | null } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, interval: null };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  let [low, high] = [0, 100];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, n - 1) < 0.975) low = middle;
    else high = middle;
  }
  const half = (low * deviation) / Math.sqrt(n);
  return { mean, interval: { low: mean - half, high: mean + half } };
}
