// The interval of a share of n. z = 1.959963984540054 is the 97.5 % quantile of the normal distribution.

const Z95 = 1.959963984540054;

/** Wilson score interval (Wilson 1927) of `successes` in n. */
export function wilson(successes: number, n: number, z = Z95): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 };
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
