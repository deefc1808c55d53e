// What somebody at the machine should know before the run is over: judged from each row and evaluation as it comes, over the
// newest few only, so that a long run costs no more per step than a short one. Thresholds are ours, not a paper's.
import type { Evaluation, StudioEvent } from '../protocol/events';
import type { SeriesRow } from './runSeries';

export type AlertKind = 'collapse' | 'noSignal' | 'klCeiling' | 'notFinite';

export interface RunAlert {
  kind: AlertKind;
  /** First step at which it held, and the newest at which it still did. */
  since: number;
  until: number;
  /** False when it held earlier and no longer does. */
  active: boolean;
  /** The measured value that is over the limit; for `notFinite`, none. */
  value: number | null;
  limit: number | null;
  /** `notFinite`: which metric. */
  metric: string | null;
}

interface Seen {
  step: number;
  value: number;
}

export interface AlertState {
  raised: readonly RunAlert[];
  /** The newest values of each rule's metric. */
  seen: Readonly<Record<string, readonly Seen[]>>;
}

export const alertsAtStart: AlertState = { raised: [], seen: {} };

interface Rule {
  kind: AlertKind;
  /** The first of these that a row has. */
  metrics: readonly string[];
  /** Values that must be there before it is judged; it holds when their mean is at least `limit`. */
  rows: number;
  limit: number;
}

/**
 * collapse: nearly all second attempts repeat the first (SCoRe's "behaviour collapse").
 * noSignal: in nearly all groups every answer got the same credit, so their gradient is zero.
 * klCeiling: far from the base; nats per token over the vocabulary.
 * The default run, five seeds: greedy unchanged at most 0.88 over four evaluations (single ones reach 0.99 at step 10),
 * groups without a signal at most 0.70 over ten steps, KL at most 0.18 over five.
 */
export const ALERT_RULES: readonly Rule[] = [
  { kind: 'collapse', metrics: ['train/unchanged_rate'], rows: 20, limit: 0.97 },
  { kind: 'collapse', metrics: ['eval/unchanged_rate'], rows: 4, limit: 0.97 },
  { kind: 'noSignal', metrics: ['frac_reward_zero_std'], rows: 10, limit: 0.9 },
  { kind: 'klCeiling', metrics: ['kl'], rows: 5, limit: 1 },
];

function put(raised: readonly RunAlert[], alert: RunAlert): RunAlert[] {
  const before = raised.find(({ kind, metric }) => kind === alert.kind && metric === alert.metric);
  if (!before) return [...raised, alert];
  const since = before.active ? before.since : alert.since;
  return raised.map((other) => (other === before ? { ...alert, since } : other));
}

function settle(raised: readonly RunAlert[], isOver: (alert: RunAlert) => boolean): readonly RunAlert[] {
  if (!raised.some((alert) => alert.active && isOver(alert))) return raised;
  return raised.map((alert) => (alert.active && isOver(alert) ? { ...alert, active: false } : alert));
}

function judge(state: AlertState, step: number, metrics: Record<string, number | null>): AlertState {
  let { raised } = state;
  let { seen } = state;
  for (const { kind, metrics: names, rows, limit } of ALERT_RULES) {
    const name = names.find((candidate) => Number.isFinite(metrics[candidate] ?? Number.NaN));
    if (name === undefined) continue;
    const newest = [...(seen[name] ?? []), { step, value: metrics[name] ?? Number.NaN }].slice(-rows);
    seen = { ...seen, [name]: newest };
    if (newest.length < rows) continue;
    const value = newest.reduce((sum, entry) => sum + entry.value, 0) / rows;
    if (value >= limit)
      raised = put(raised, { kind, since: step, until: step, active: true, value, limit, metric: name });
    else raised = settle(raised, (alert) => alert.metric === name && alert.kind === kind);
  }
  return { raised, seen };
}

/** One row of the run. A null was not computed; NaN and infinity were, and should not be. */
export function watchRow(state: AlertState, { step, metrics }: Pick<SeriesRow, 'step' | 'metrics'>): AlertState {
  const after = judge(state, step, metrics);
  const broken = Object.entries(metrics).find(([, value]) => value !== null && !Number.isFinite(value));
  const { raised } = after;
  if (!broken) return { ...after, raised: settle(raised, ({ kind }) => kind === 'notFinite') };
  const alert = { kind: 'notFinite', since: step, until: step, active: true, value: null, limit: null } as const;
  return { ...after, raised: put(raised, { ...alert, metric: broken[0] }) };
}

export function watchEvaluation(state: AlertState, { step, greedy }: Evaluation): AlertState {
  return judge(state, step, { 'eval/unchanged_rate': greedy.unchangedRate });
}

/** What a stored run would have raised. */
export function alertsOf(rows: readonly SeriesRow[], evaluations: readonly Evaluation[]): AlertState {
  const afterRows = rows.reduce(watchRow, alertsAtStart);
  return evaluations.reduce(watchEvaluation, afterRows);
}

/** A run that goes on from a checkpoint makes the later steps again. */
function rewind(state: AlertState, step: number): AlertState {
  return {
    raised: state.raised.filter((alert) => alert.since <= step),
    seen: Object.fromEntries(
      Object.entries(state.seen).map(([name, values]) => [name, values.filter((entry) => entry.step <= step)]),
    ),
  };
}

/** @param runId of the run on screen: other runs raise nothing here. */
export function reduceAlerts(state: AlertState, event: StudioEvent, runId: string | null): AlertState {
  switch (event.type) {
    case 'run.started':
      return event.run.id === runId ? rewind(state, event.resumedAt) : alertsAtStart;
    case 'run.stepped':
      return event.runId === runId ? watchRow(state, event) : state;
    case 'run.evaluated':
      return event.runId === runId && event.evaluation.slice === 'validation'
        ? watchEvaluation(state, event.evaluation)
        : state;
    default:
      return state;
  }
}
