// Choosing among several answers, and what that is worth. Ties go to the answer seen first; an answer is its text.

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

/** Chance that k of n samples, c of them right, hold a right one: 1 − C(n − c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374). */
export function passAtK(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let miss = 1;
  for (let i = n - c + 1; i <= n; i++) miss *= 1 - k / i;
  return 1 - miss;
}
