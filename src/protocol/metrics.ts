// The measured accuracy of a two-attempt evaluation, with 95 % intervals. All fractions 0–1.

export interface Interval {
  low: number;
  high: number;
}

/** n problems; iToC and cToI are over ALL n (SCoRe, arXiv 2409.12917, section 3), so delta = iToC − cToI. */
export interface EvalSummary {
  n: number;
  /** 0 = greedy. */
  temperature: number;
  accuracyT1: number;
  accuracyT2: number;
  delta: number;
  iToC: number;
  cToI: number;
  /** Wilson score interval. */
  accuracyT1Interval: Interval;
  accuracyT2Interval: Interval;
  /** Paired normal interval of the mean of (right at t2) − (right at t1). */
  deltaInterval: Interval;
  /** Share of second attempts identical to the first. */
  unchangedRate: number;
  /** Levenshtein distance over tokens / (len1 + len2), mean. */
  editDistanceRatio: number;
  /** Share of attempts (both) that are not well-formed. */
  formatErrorRate: number;
}

/** Exact paired comparison of the second attempts on the same problems, before and after training. */
export interface PairedComparison {
  n: number;
  /** wrong before, right after / right before, wrong after. */
  gained: number;
  lost: number;
  gain: number;
  gainInterval: Interval;
  /** Exact two-sided McNemar p. */
  pValue: number;
}
