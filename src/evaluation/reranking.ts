// Choosing among N solutions with an evaluator's scores (solution-cluster re-ranking, Liu et al. 2023, arXiv 2310.10047). Solutions with
// the same answer make a cluster. Of all ties the one seen first wins.
//   Maj1      the largest cluster                     Maj1.TopN     the largest among the N best-scored solutions
//   RR.All    the best-scored solution                RR.Top-K      the same within the K largest clusters
//   W.RR      the cluster with the largest score sum  W.RR.MajK     the same within the K largest clusters
import { majority } from './voting';

export type Strategy = 'maj' | 'maj_top' | 'rr_all' | 'rr_top' | 'w_rr' | 'w_rr_top';

/** Answers of the K largest clusters. */
function largestClusters(answers: readonly string[], k: number): Set<string> {
  const sizes = new Map<string, number>();
  for (const answer of answers) sizes.set(answer, (sizes.get(answer) ?? 0) + 1);
  // Sorting keeps the order of equals: first seen first.
  const sorted = [...sizes].sort(([, a], [, b]) => b - a);
  return new Set(sorted.slice(0, k).map(([answer]) => answer));
}

/** @param scores of the evaluator, one per answer @param k clusters, or with `maj_top` solutions, that are looked at */
export function rerank(strategy: Strategy, answers: readonly string[], scores: ArrayLike<number>, k: number): string {
  const byScore = () => answers.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const clusters = strategy === 'rr_top' || strategy === 'w_rr_top' ? largestClusters(answers, k) : null;
  const looked = answers.map((_, i) => i).filter((i) => !clusters || clusters.has(answers[i]));
  switch (strategy) {
    case 'maj':
      return majority(answers);
    case 'maj_top': {
      const best = new Set(byScore().slice(0, k));
      return majority(answers.filter((_, i) => best.has(i)));
    }
    case 'rr_all':
    case 'rr_top':
      return answers[looked.reduce((best, i) => (scores[i] > scores[best] ? i : best))];
    case 'w_rr':
    case 'w_rr_top':
      return majority(
        looked.map((i) => answers[i]),
        looked.map((i) => scores[i]),
      );
  }
}
