// What the charts draw: the evaluations of a run (with intervals), and between them the practice batches, in one
// table sorted by step. At most 800 rows may be drawn; the plot is some 500 px wide, so half of that loses nothing and
// keeps a redraw short.
import type { Evaluation } from '../protocol/events';
import type { Decoding, XAxisUnit } from './preferences';
import type { RunSeries } from './runSeries';

export const MOST_POINTS = 400;

export interface ChartPoint {
  step: number;
  tokens: number;
  minutes: number;
  /** Null in a row that is a practice batch only. */
  evaluation: Evaluation | null;
  t1: number | null;
  t2: number | null;
  band1: [number, number] | null;
  band2: [number, number] | null;
  /** Share wrong → right, and right → wrong as a negative number (the bar goes down). */
  fixed: number | null;
  broken: number | null;
  delta: number | null;
  /** Practice batch: what the update of this step was computed from, at T = 1. */
  practice1: number | null;
  practice2: number | null;
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

function whereOf(series: RunSeries, step: number) {
  const row = series.indexOf(step);
  if (row < 0) return { step, tokens: 0, minutes: 0 };
  return { step, tokens: series.at('tokens', row), minutes: series.at('seconds', row) / 60 };
}

/** `most` indices of 0 … length−1, evenly, first and last always among them. */
export function evenly(length: number, most: number): number[] {
  if (length <= most) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (length - 1)) / (most - 1)));
}

export function chartPoints(
  evaluations: readonly Evaluation[],
  series: RunSeries,
  decoding: Decoding,
  most = MOST_POINTS,
): ChartPoint[] {
  const points = new Map<number, ChartPoint>();
  // Practice batches are sampled, so they stand only beside the sampled evaluation.
  const room = most - Math.min(evaluations.length, most / 2);
  for (const i of decoding === 'sampled' ? evenly(series.length, room) : []) {
    const step = series.at('step', i);
    points.set(step, {
      ...whereOf(series, step),
      evaluation: null,
      t1: null,
      t2: null,
      band1: null,
      band2: null,
      fixed: null,
      broken: null,
      delta: null,
      practice1: orNull(series.at('train/accuracy_t1', i)),
      practice2: orNull(series.at('train/accuracy_t2', i)),
    });
  }
  for (const i of evenly(evaluations.length, most / 2)) {
    const evaluation = evaluations[i];
    const { accuracyT1, accuracyT2, accuracyT1Interval, accuracyT2Interval, ...summary } = evaluation[decoding];
    const existing = points.get(evaluation.step);
    points.set(evaluation.step, {
      ...whereOf(series, evaluation.step),
      evaluation,
      t1: accuracyT1,
      t2: accuracyT2,
      band1: [accuracyT1Interval.low, accuracyT1Interval.high],
      band2: [accuracyT2Interval.low, accuracyT2Interval.high],
      fixed: summary.iToC,
      broken: -summary.cToI,
      delta: summary.delta,
      practice1: existing?.practice1 ?? null,
      practice2: existing?.practice2 ?? null,
    });
  }
  return [...points.values()].sort((a, b) => a.step - b.step);
}

/** Where the x axis ends: the whole planned run in steps; in tokens and minutes as far as it has come, projected. */
export function xEnd(points: readonly ChartPoint[], unit: XAxisUnit, totalSteps: number): number {
  const last = points.at(-1);
  if (unit === 'step') return Math.max(totalSteps, last?.step ?? 0);
  if (!last || last.step === 0) return unit === 'minutes' ? 1 : 1000;
  return last[unit] * Math.max(1, totalSteps / last.step);
}

/** Position of a step on an axis in other units, by the series; for stage bands. */
export function xOfStep(step: number, series: RunSeries, unit: XAxisUnit): number {
  return whereOf(series, step)[unit];
}
