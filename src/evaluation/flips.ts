// Where answers ended up against the first ones, over ALL problems (Huang et al. 2023, arXiv 2310.01798, figure 1): four ways that
// sum to 1. "Unchanged" means the same text; a right answer in other words counts as unchanged in rightness, told beside.

export interface FlipCounts {
  unchanged: number;
  cToI: number;
  iToC: number;
  /** another answer, also wrong */
  iToIChanged: number;
  /** right both times, other words */
  cToCChanged: number;
}

export const noFlips = (): FlipCounts => ({ unchanged: 0, cToI: 0, iToC: 0, iToIChanged: 0, cToCChanged: 0 });

/** Counts one problem. */
export function countFlip(counts: FlipCounts, before: boolean, after: boolean, isSame: boolean): void {
  if (isSame) counts.unchanged++;
  else if (before) counts[after ? 'cToCChanged' : 'cToI']++;
  else counts[after ? 'iToC' : 'iToIChanged']++;
}

export function flipShares(counts: FlipCounts, n: number): FlipCounts {
  const shares = Object.entries(counts).map(([name, count]) => [name, count / n]);
  return Object.fromEntries(shares) as typeof counts;
}
