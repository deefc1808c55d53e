// From rewards to advantages: plain arrays in, plain arrays out.

/**
 * SCoRe's credit of each attempt (arXiv 2409.12917, Eq. 3 and 4, turn discount 0): the bonus α(r2 − r1) goes to attempt 2 ONLY.
 * Stage I: attempt 1 gets nothing. Stage II: attempt 1 gets r1, attempt 2 gets (1 + α) r2 − α r1.
 */
export function scoreCredits(stage: 1 | 2, r1: ArrayLike<number>, r2: ArrayLike<number>, alpha: number) {
  const credit1 = Float64Array.from(r1, (r) => (stage === 1 ? 0 : r));
  const credit2 = Float64Array.from(r2, (r, i) => (stage === 1 ? r : (1 + alpha) * r - alpha * r1[i]));
  return { credit1, credit2 };
}

export type Baseline = 'none' | 'batch_mean' | 'leave_one_out';

/**
 * Credits minus a baseline. `leave_one_out`: the mean of the OTHER members of the same group (RLOO, Ahmadian et al. 2024,
 * arXiv 2402.14740), 0 for a group of one. Groups are runs of `groupSize` neighbours.
 */
export function advantagesOf(credits: ArrayLike<number>, groupSize: number, baseline: Baseline): Float64Array {
  const n = credits.length;
  if (n % groupSize !== 0) throw new RangeError(`advantages: expected groups of ${groupSize}, got ${n} credits.`);
  const list = Float64Array.from(credits);
  if (baseline === 'none') return list;
  const size = baseline === 'batch_mean' ? n : groupSize;
  for (let start = 0; start < n; start += size) {
    let sum = 0;
    for (let i = start; i < start + size; i++) sum += credits[i];
    for (let i = start; i < start + size; i++) {
      const others = baseline === 'batch_mean' ? sum / n : size > 1 ? (sum - credits[i]) / (size - 1) : 0;
      list[i] = credits[i] - others;
    }
  }
  return list;
}

/** Share of groups whose members all got the same credit: no learning signal (TRL's `frac_reward_zero_std`). */
export function zeroSpreadShare(credits: ArrayLike<number>, groupSize: number): number {
  let equal = 0;
  for (let start = 0; start < credits.length; start += groupSize) {
    let same = true;
    for (let i = start + 1; i < start + groupSize; i++) same &&= credits[i] === credits[start];
    if (same) equal++;
  }
  return equal / (credits.length / groupSize);
}

/** Mean and standard deviation (population) of a list; NaN for an empty one. */
export function meanAndDeviation(values: ArrayLike<number>): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
