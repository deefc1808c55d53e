// The mean of a few values with its interval by Student's t distribution: for runs that differ in their seed only.
// The quantile is found from the closed form of the distribution function for whole degrees of freedom
// (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4).

/** P(|T| ≤ t) with `df` degrees of freedom. */
function shareWithin(t: number, df: number): number {
  const theta = Math.atan(t / Math.sqrt(df));
  const cos2 = Math.cos(theta) ** 2;
  const isOdd = df % 2 === 1;
  if (df === 1) return (2 * theta) / Math.PI;
  // odd: cos θ + (2/3) cos³ θ + … ; even: 1 + (1/2) cos² θ + (1·3)/(2·4) cos⁴ θ + …
  let term = isOdd ? Math.cos(theta) : 1;
  let sum = term;
  for (let k = isOdd ? 2 : 1; k <= df - 3; k += 2) {
    term *= (k / (k + 1)) * cos2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

/** The t that 95 % of values stay within, on both sides; 12.706 for one degree of freedom, 1.960 for many. */
export function tQuantile95(df: number): number {
  let low = 1;
  let high = 20;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, df) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export interface MeanInterval {
  n: number;
  mean: number;
  /** 95 %; null for one value, which says nothing of its spread. */
  interval: { low: number; high: number } | null;
}

/** Of at least one value. */
export function meanWithInterval(values: readonly number[]): MeanInterval {
  const n = values.length;
  if (n === 0) throw new RangeError('meanWithInterval: expected at least one value, got none.');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { n, mean, interval: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = tQuantile95(n - 1) * Math.sqrt(variance / n);
  return { n, mean, interval: { low: mean - half, high: mean + half } };
}
