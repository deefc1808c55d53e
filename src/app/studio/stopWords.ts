// Early stopping in words: metrics by their meaning, rules and reasons as sentences.
import type { EarlyStop, StopReason } from '../../protocol/stopping';
import type { StudioKey } from './useStudioWords';

type Say = (key: StudioKey, parameters?: Record<string, string | number>) => string;

const meanings: Record<string, StudioKey> = {
  accuracy_t1: 'metric.accuracyT1',
  accuracy_t2: 'metric.accuracyT2',
  delta: 'metric.delta',
  i_to_c: 'metric.iToC',
  c_to_i: 'metric.cToI',
  unchanged_rate: 'metric.unchanged',
  edit_distance: 'metric.editDistance',
};

/** What an evaluation measures, in the order of importance. */
export const measuredMetrics = Object.keys(meanings);

/** Practice metrics that every recipe of this page may have; others come from the run on screen. */
export const practiceMetrics = [
  'kl/t1',
  'kl/t2',
  'kl',
  'entropy',
  'reward',
  'loss',
  'frac_reward_zero_std',
  'grad_norm',
];

/** "second attempt right" for eval/accuracy_t2; a metric without a word keeps its name. */
export function metricName(s: Say, name: string): string {
  const [group, metric] = name.split('/');
  const meaning = group === 'eval' || group === 'eval_sampled' ? meanings[metric] : undefined;
  if (!meaning) return name;
  return group === 'eval' ? s(meaning) : `${s(meaning)}, T = 1`;
}

/** The rule of a form, for the card. */
export function ruleInWords(s: Say, rule: EarlyStop | null): string {
  const { patience, ceiling } = rule ?? { patience: null, ceiling: null };
  const parts = [
    patience &&
      s('stop.byPatience', {
        metric: metricName(s, patience.metric),
        minDelta: patience.minDelta,
        n: patience.evaluations,
      }),
    ceiling && s('stop.byCeiling', { metric: metricName(s, ceiling.metric), limit: ceiling.limit }),
  ].filter((part) => part !== null);
  if (!rule || parts.length === 0) return s('ready.never');
  const from = rule.fromStep > 0 ? ` (${s('stop.afterStep', { step: rule.fromStep })})` : '';
  return parts.join(s('ready.or')) + from;
}

/** Why a run stopped. Accuracies are shares, other metrics have their own units, so the plain value stands here. */
export function reasonInWords(s: Say, reason: StopReason): string {
  const metric = metricName(s, reason.metric);
  const short = (value: number) => String(Number(value.toPrecision(4)));
  if (reason.kind === 'ceiling') {
    return s('stop.tooHigh', { metric, value: short(reason.value), limit: reason.limit });
  }
  const { evaluations: n, minDelta, best, bestStep: step } = reason;
  return s('stop.gaveUp', { metric, n, minDelta, best: short(best), step });
}
