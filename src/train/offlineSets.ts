// Which sampled attempts a filtering method learns from: plain indices in, plain indices out, no model.
import type { CounterRng } from '../lib/counterRng';
import { quantile } from '../lib/quantile';

/**
 * Two-attempt traces that STaR keeps (SCoRe, arXiv 2409.12917, section 4): mended ones; with `plus` also those right both times.
 * @param r1 [E] reward of each trace's first attempt @param r2 [E]
 */
export function starTraces(r1: ArrayLike<number>, r2: ArrayLike<number>, plus: boolean): number[] {
  return Array.from(r2, (_, e) => e).filter((e) => r2[e] === 1 && (plus || r1[e] === 0));
}

export interface RepairPairs {
  /** [wrong, right] answers to the same problem */
  repairs: [number, number][];
  /** [right, other right]; empty without `plus` */
  confirmations: [number, number][];
}

/** All synthetic repairs of one problem's samples. @param rewards of its answers, `start` the index of the first */
export function repairPairs(rewards: ArrayLike<number>, start: number, plus: boolean): RepairPairs {
  const all = Array.from(rewards, (_, i) => start + i);
  const right = all.filter((i) => rewards[i - start] === 1);
  const wrong = all.filter((i) => rewards[i - start] === 0);
  return {
    repairs: wrong.flatMap((w) => right.map((r): [number, number] => [w, r])),
    confirmations: plus ? right.flatMap((a) => right.filter((b) => b !== a).map((b): [number, number] => [a, b])) : [],
  };
}

/**
 * Right answers of one problem for ReST-EM (arXiv 2312.06585): each text once, at most `cap`, chosen at random by `rng`.
 * @param texts of the problem's samples @returns indices into `texts`
 */
export function cappedRightAnswers(
  texts: readonly string[],
  rewards: ArrayLike<number>,
  cap: number,
  rng: CounterRng,
): number[] {
  const seen = new Set<string>();
  const pool: number[] = [];
  texts.forEach((text, i) => {
    if (rewards[i] !== 1 || seen.has(text)) return;
    seen.add(text);
    pool.push(i);
  });
  return pickSome(pool, cap, rng).sort((a, b) => a - b);
}

/** ReST's filter F(x, y; τ) = 1[R > τ], strict (arXiv 2308.08998, Eq. 3). @returns indices */
export function aboveThreshold(rewards: ArrayLike<number>, threshold: number): number[] {
  return Array.from(rewards, (_, i) => i).filter((i) => rewards[i] > threshold);
}

/**
 * ReST's thresholds per source (its appendix A.7): the p-th percentile of the rewards of one problem's answers (linear between
 * neighbours; the paper does not say), or γ · their largest + (1 − γ) · their mean.
 */
export function sourceThreshold(kind: 'percentile' | 'gamma', rewards: readonly number[], value: number): number {
  if (kind === 'percentile') return quantile(rewards, value / 100);
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  return value * Math.max(...rewards) + (1 - value) * mean;
}

/** At most `count` of a list, each equally likely, in random order. */
export function pickSome<T>(list: readonly T[], count: number, rng: CounterRng): T[] {
  const rest = [...list];
  for (let i = 0; i < Math.min(count, rest.length); i++) {
    const j = i + rng.integer(rest.length - i);
    [rest[i], rest[j]] = [rest[j], rest[i]];
  }
  return rest.slice(0, count);
}

/** Steps of one of several equal iterations: iteration `i` is [starts[i], starts[i + 1]). */
export function iterationStarts(totalSteps: number, iterations: number): number[] {
  return Array.from({ length: iterations + 1 }, (_, i) => Math.floor((i * totalSteps) / iterations));
}
