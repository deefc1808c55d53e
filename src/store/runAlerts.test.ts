// Alerts rise when their condition has held for long enough, and never from what a good run does.
import { expect, test } from 'vitest';
import { evaluationAt } from '../app/testing/recordedLesson';
import type { MetricRow } from '../protocol/events';
import {
  ALERT_RULES,
  type AlertState,
  alertsAtStart,
  alertsOf,
  reduceAlerts,
  watchEvaluation,
  watchRow,
} from './runAlerts';

function after(count: number, metricsAt: (step: number) => MetricRow, from: AlertState = alertsAtStart): AlertState {
  let state = from;
  for (let step = 1; step <= count; step++) state = watchRow(state, { step, metrics: metricsAt(step) });
  return state;
}

test('collapse: second attempts that repeat the first for 20 steps, not for 19', () => {
  const unchanged = () => ({ 'train/unchanged_rate': 0.99 });
  expect(after(19, unchanged).raised).toEqual([]);
  const [alert] = after(25, unchanged).raised;
  expect(alert).toMatchObject({ kind: 'collapse', since: 20, until: 25, active: true, limit: 0.97 });
  expect(alert.value).toBeCloseTo(0.99);
});

test('a good run that keeps 95 % for a while and leaves again raises nothing', () => {
  // As seed 1 did (docs/log.md): 95 % round step 10, then ever more answers are mended.
  const share = (step: number) => (step < 10 ? 0.5 + step * 0.045 : Math.max(0.6, 0.95 - (step - 10) * 0.01));
  expect(
    after(245, (step) => ({ 'train/unchanged_rate': share(step), frac_reward_zero_std: 0.6, kl: 0.02 })).raised,
  ).toEqual([]);
});

test('an alert that no longer holds stays in the list as past, and starts anew when it comes back', () => {
  const rule = ALERT_RULES.find(({ kind }) => kind === 'noSignal');
  if (!rule) throw new Error('expected a rule');
  const at = (step: number) => ({ frac_reward_zero_std: step <= 15 || step > 40 ? 1 : 0.2 });
  const past = after(30, at);
  expect(past.raised).toMatchObject([{ kind: 'noSignal', since: 10, active: false }]);
  const again = after(60, at).raised;
  expect(again).toHaveLength(1);
  expect(again[0]).toMatchObject({ active: true, until: 60 });
  expect(again[0].since).toBeGreaterThan(40);
});

test('KL: the mean of the last rows counts, one spike does not', () => {
  expect(after(20, (step) => ({ kl: step === 10 ? 4 : 0.05 })).raised).toEqual([]);
  expect(after(20, (step) => ({ kl: step / 10 })).raised).toMatchObject([
    { kind: 'klCeiling', active: true, since: 12 },
  ]);
});

test('NaN and infinity are said with their metric; null means not computed and is fine', () => {
  expect(after(3, () => ({ kl: null, entropy: 0.3 })).raised).toEqual([]);
  const state = after(2, (step) => ({ entropy: step === 2 ? Number.NaN : 0.3, kl: 0.1 }));
  expect(state.raised).toMatchObject([{ kind: 'notFinite', metric: 'entropy', since: 2, active: true }]);
  expect(watchRow(state, { step: 3, metrics: { entropy: 0.3 } }).raised[0].active).toBe(false);
});

test('evaluations judge collapse too, for runs whose rows do not say', () => {
  const stuck = (step: number) => {
    const evaluation = evaluationAt(step);
    return { ...evaluation, greedy: { ...evaluation.greedy, unchangedRate: 0.995 } };
  };
  const state = [0, 5, 10, 15].map(stuck).reduce(watchEvaluation, alertsAtStart);
  expect(state.raised).toMatchObject([{ kind: 'collapse', since: 15 }]);
  expect(
    alertsOf(
      [],
      [0, 5, 10, 15].map((step) => evaluationAt(step)),
    ).raised,
  ).toEqual([]);
});

test('rows cost the same late in a run as early: only the newest values are kept', () => {
  const state = after(5000, () => ({ 'train/unchanged_rate': 0.5, frac_reward_zero_std: 0.5, kl: 0.1 }));
  expect(
    Object.values(state.seen)
      .map((values) => values.length)
      .sort(),
  ).toEqual([10, 20, 5].sort());
});

test('events of another run raise nothing; going on from a checkpoint forgets what came later', () => {
  const stepped = (step: number, runId = 'a') =>
    ({
      type: 'run.stepped',
      runId,
      step,
      stage: 's',
      metrics: { frac_reward_zero_std: 1 },
      sample: null,
      secondsElapsed: step,
      secondsLeft: 0,
      tokens: 0,
    }) as const;
  let state = alertsAtStart;
  for (let step = 1; step <= 12; step++) state = reduceAlerts(state, stepped(step, 'b'), 'a');
  expect(state).toEqual(alertsAtStart);
  for (let step = 1; step <= 12; step++) state = reduceAlerts(state, stepped(step), 'a');
  expect(state.raised).toHaveLength(1);
  const run = { id: 'a' } as never;
  const resumed = reduceAlerts(state, { type: 'run.started', run, resumedAt: 5 }, 'a');
  expect(resumed.raised).toEqual([]);
  expect(resumed.seen.frac_reward_zero_std).toHaveLength(3);
});
