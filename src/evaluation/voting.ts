// Choosing among several answers, and what that is worth. An answer is its text; ties go to the one seen first, or are told (`scoredVote`).

/** The most frequent answer, or with `weights` the one whose weights sum highest (ASC, re-ranking). @throws RangeError for none */
export function majority(answers: readonly string[], weights?: ArrayLike<number>): string {
  const totals = new Map<string, number>();
  answers.forEach((answer, i) => {
    totals.set(answer, (totals.get(answer) ?? 0) + (weights ? weights[i] : 1));
  });
  let best: string | null = null;
  for (const [answer, total] of totals) if (best === null || total > (totals.get(best) ?? 0)) best = answer;
  if (best === null) throw new RangeError('vote: expected at least one answer, got none.');
  return best;
}

/** What one answer adds to its group: SC counts; WS takes the score s; ASC both, in the two forms of its code (which one the paper reports is not said). */
export const VOTES = {
  sc: () => 1,
  ws: (s: number) => s,
  asc1: (s: number) => 1 + s,
  asc2: (s: number) => 1 + 2 * s,
} as const;

/**
 * Votes with scores (Li et al. 2023, arXiv 2312.12832). A missing score counts as the mean of the others, or 1; an answer that nobody
 * could read (null) is a group like any other.
 * @returns all answers that tie for the most: a vote is worth the share of them that is right
 */
export function scoredVote(
  kind: keyof typeof VOTES,
  answers: readonly (string | null)[],
  scores: readonly (number | null)[],
): { totals: Map<string | null, number>; winners: (string | null)[] } {
  const known = scores.filter((score) => score !== null);
  const missing = known.length > 0 ? known.reduce((sum, score) => sum + score, 0) / known.length : 1;
  const totals = new Map<string | null, number>();
  answers.forEach((answer, i) => {
    totals.set(answer, (totals.get(answer) ?? 0) + VOTES[kind](scores[i] ?? missing));
  });
  const most = Math.max(...totals.values());
  return { totals, winners: [...totals].filter(([, total]) => total === most).map(([answer]) => answer) };
}

/** Chance that k of n samples, c of them right, hold a right one: 1 − C(n − c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374). */
export function passAtK(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let miss = 1;
  for (let i = n - c + 1; i <= n; i++) miss *= 1 - k / i;
  return 1 - miss;
}
