// When a run may end before its last step. Decided at evaluations only, from what they measured and from the mean of the practice
// metrics since the one before. Pure: the same evaluations and rows give the same decision, also after a resume.
import type { Evaluation, MetricRow } from '../protocol/events';
import type { EvalSummary } from '../protocol/metrics';
import type { EarlyStop, StopWatch } from '../protocol/stopping';

export const newStopWatch: StopWatch = { best: null, bestStep: 0, waited: 0, sums: {}, reason: null };

/** Fractions of n problems are not exact in binary: 0.61 − 0.6 counts as a gain of 0.01, not of more. */
const ROUNDING = 1e-9;

/** A summary under the names of its metrics. */
function named(prefix: string, summary: EvalSummary): Record<string, number> {
  return {
    [`${prefix}/accuracy_t1`]: summary.accuracyT1,
    [`${prefix}/accuracy_t2`]: summary.accuracyT2,
    [`${prefix}/delta`]: summary.delta,
    [`${prefix}/i_to_c`]: summary.iToC,
    [`${prefix}/c_to_i`]: summary.cToI,
    [`${prefix}/unchanged_rate`]: summary.unchangedRate,
    [`${prefix}/edit_distance`]: summary.editDistanceRatio,
  };
}

/** Remembers the watched metrics of one step. A value that was not computed does not count. */
export function seeStep(watch: StopWatch, rule: EarlyStop, metrics: MetricRow): StopWatch {
  const sums = { ...watch.sums };
  // A set: both parts of a rule may watch the same metric.
  for (const name of new Set([rule.patience?.metric, rule.ceiling?.metric])) {
    const value = name === undefined ? null : metrics[name];
    if (name === undefined || value == null || !Number.isFinite(value)) continue;
    const { sum, count } = sums[name] ?? { sum: 0, count: 0 };
    sums[name] = { sum: sum + value, count: count + 1 };
  }
  return { ...watch, sums };
}

/** The state after an evaluation; `reason` is set when the run is to end here. */
export function seeEvaluation(watch: StopWatch, rule: EarlyStop, evaluation: Evaluation): StopWatch {
  const { step, greedy, sampled } = evaluation;
  const values = { ...named('eval', greedy), ...named('eval_sampled', sampled) };
  const measuredOf = (name: string): number | null => {
    if (Object.hasOwn(values, name)) return values[name];
    const practised = Object.hasOwn(watch.sums, name) ? watch.sums[name] : null;
    return practised ? practised.sum / practised.count : null;
  };
  const next: StopWatch = { ...watch, sums: {} };
  if (step < rule.fromStep || watch.reason) return next;

  const { ceiling, patience } = rule;
  const measured = ceiling ? measuredOf(ceiling.metric) : null;
  if (ceiling && measured !== null && measured > ceiling.limit) {
    next.reason = { kind: 'ceiling', ...ceiling, value: measured };
  }
  const value = patience ? measuredOf(patience.metric) : null;
  if (!patience || value === null) return next;
  const gain = watch.best === null ? null : patience.better === 'higher' ? value - watch.best : watch.best - value;
  if (gain === null || gain > patience.minDelta + ROUNDING) return { ...next, best: value, bestStep: step, waited: 0 };
  next.waited = watch.waited + 1;
  if (next.waited >= patience.evaluations && !next.reason) {
    next.reason = { kind: 'patience', ...patience, best: watch.best!, bestStep: watch.bestStep };
  }
  return next;
}
