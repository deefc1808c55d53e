// From columns of a run to what a plot draws: where each row stands on the x axis, smoothing, thinning to what the eye can
// tell apart, and the rows as CSV. Pure functions over typed arrays; NaN = not computed, everywhere.
import type { Evaluation } from '../protocol/events';
import type { XAxisUnit } from './preferences';
import { RunSeries } from './runSeries';

/** One line, ready to be drawn: rising x in units of the axis, y as measured; `step` names each point. */
export interface PlotLine {
  step: Float64Array;
  x: Float64Array;
  y: Float64Array;
}

/**
 * Exponential moving average without the pull of its start: s ← w·s + (1 − w)·y, divided by 1 − wⁿ (n values so far).
 * @param weight w, 0 (none) to below 1; a missing value stays missing and is passed over
 */
export function smooth(y: ArrayLike<number>, weight: number): Float64Array {
  const smoothed = new Float64Array(y.length).fill(Number.NaN);
  let sum = 0;
  let rest = 1;
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i])) continue;
    sum = weight * sum + (1 - weight) * y[i];
    rest *= weight;
    smoothed[i] = sum / (1 - rest);
  }
  return smoothed;
}

/**
 * Indices that keep the look of a column: of each of `most / 2` equal stretches the least and the greatest value, so that
 * no spike is lost; and the first and last value. Rows without a value are left out.
 */
export function extremes(y: ArrayLike<number>, most: number): number[] {
  const present: number[] = [];
  for (let i = 0; i < y.length; i++) if (Number.isFinite(y[i])) present.push(i);
  if (present.length <= most) return present;
  const kept = new Set<number>([present[0], present[present.length - 1]]);
  const stretches = Math.floor(most / 2) - 1;
  for (let s = 0; s < stretches; s++) {
    const from = Math.floor((s * present.length) / stretches);
    const to = Math.floor(((s + 1) * present.length) / stretches);
    let least = present[from];
    let greatest = present[from];
    for (let p = from; p < to; p++) {
      if (y[present[p]] < y[least]) least = present[p];
      if (y[present[p]] > y[greatest]) greatest = present[p];
    }
    kept.add(least).add(greatest);
  }
  return [...kept].sort((a, b) => a - b);
}

const SECONDS_PER_MINUTE = 60;

/** Where the rows stand on the axis. */
export function xColumn(series: RunSeries, unit: XAxisUnit): Float64Array {
  if (unit !== 'minutes') return series.column(unit);
  return series.column('seconds').map((seconds) => seconds / SECONDS_PER_MINUTE);
}

/** Tokens per second from row to row; the time of an evaluation counts, so a row after one is slower. */
export function speedColumn(series: RunSeries): Float64Array {
  const tokens = series.column('tokens');
  const seconds = series.column('seconds');
  return tokens.map((now, i) => {
    if (i === 0) return Number.NaN;
    const elapsed = seconds[i] - seconds[i - 1];
    return elapsed > 0 ? (now - tokens[i - 1]) / elapsed : Number.NaN;
  });
}

/** Computed from the rows instead of read. */
export const SPEED = 'tokens_per_second';

export function columnOf(series: RunSeries, name: string): Float64Array {
  return name === SPEED ? speedColumn(series) : series.column(name);
}

/** A column as a line of at most `most` points, as measured and, when asked, smoothed. */
export function plotLine(
  series: RunSeries,
  name: string,
  options: { unit: XAxisUnit; weight: number; most: number },
): { raw: PlotLine; smoothed: PlotLine | null } {
  const y = columnOf(series, name);
  const x = xColumn(series, options.unit);
  const step = series.column('step');
  const at = (values: Float64Array, indices: number[]): PlotLine => ({
    step: Float64Array.from(indices, (i) => step[i]),
    x: Float64Array.from(indices, (i) => x[i]),
    y: Float64Array.from(indices, (i) => values[i]),
  });
  const raw = at(y, extremes(y, options.most));
  if (options.weight === 0) return { raw, smoothed: null };
  const average = smooth(y, options.weight);
  return { raw, smoothed: at(average, extremes(average, options.most)) };
}

/** The evaluations as columns of their own, named as in TRL's style: `eval/…` greedy, `eval_sampled/…` at T = 1. */
export function evaluationSeries(evaluations: readonly Evaluation[], rows: RunSeries): RunSeries {
  const series = new RunSeries();
  for (const { step, greedy, sampled } of evaluations) {
    const row = rows.indexOf(step);
    const metrics: Record<string, number> = {};
    for (const [prefix, summary] of [
      ['eval', greedy],
      ['eval_sampled', sampled],
    ] as const) {
      metrics[`${prefix}/accuracy_t1`] = summary.accuracyT1;
      metrics[`${prefix}/accuracy_t2`] = summary.accuracyT2;
      metrics[`${prefix}/delta`] = summary.delta;
      metrics[`${prefix}/i_to_c`] = summary.iToC;
      metrics[`${prefix}/c_to_i`] = summary.cToI;
      metrics[`${prefix}/unchanged_rate`] = summary.unchangedRate;
      metrics[`${prefix}/edit_distance`] = summary.editDistanceRatio;
      metrics[`${prefix}/format_error_rate`] = summary.formatErrorRate;
    }
    const seconds = row < 0 ? 0 : rows.at('seconds', row);
    series.append({ step, seconds, tokens: row < 0 ? 0 : rows.at('tokens', row), metrics });
  }
  return series;
}

/** Rounded up to two digits: an axis that need not move with every step. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / power - 1e-9) * power).toPrecision(12));
}

/** A column of a run's rows or of its evaluations. */
export interface ColumnRef {
  series: RunSeries;
  name: string;
}

/** Columns side by side, a row for every step that any of them has; NaN where one has none. */
export interface JoinedRows {
  steps: number[];
  tokens: number[];
  minutes: number[];
  values: Float64Array[];
}

export function joinColumns(columns: readonly ColumnRef[]): JoinedRows {
  const places = new Map<number, { tokens: number; minutes: number }>();
  for (const series of new Set(columns.map((column) => column.series))) {
    const tokens = series.column('tokens');
    const minutes = xColumn(series, 'minutes');
    series.column('step').forEach((step, i) => {
      if (!places.has(step)) places.set(step, { tokens: tokens[i], minutes: minutes[i] });
    });
  }
  const steps = [...places.keys()].sort((a, b) => a - b);
  const values = columns.map(({ series, name }) => {
    const column = columnOf(series, name);
    return Float64Array.from(steps, (step) => {
      const row = series.indexOf(step);
      return row >= 0 && series.at('step', row) === step ? (column[row] ?? Number.NaN) : Number.NaN;
    });
  });
  const placed = steps.map((step) => places.get(step) ?? { tokens: Number.NaN, minutes: Number.NaN });
  return { steps, tokens: placed.map((p) => p.tokens), minutes: placed.map((p) => p.minutes), values };
}

/** All rows of some columns; an empty cell where nothing was computed. */
export function rowsAsCsv(columns: readonly ColumnRef[]): string {
  const { steps, tokens, minutes, values } = joinColumns(columns);
  const head = ['step', 'tokens', 'minutes', ...columns.map(({ name }) => name)];
  const rows = steps.map((step, i) => {
    const cells = values.map((column) => (Number.isFinite(column[i]) ? String(column[i]) : ''));
    return [step, tokens[i], minutes[i].toFixed(3), ...cells].join(',');
  });
  return [head.join(','), ...rows].join('\n');
}

/** Rows for a table of at most about `most`: at round distances, so that a growing run adds rows at its end only; and the last. */
export function tableRows(length: number, most: number): number[] {
  if (length === 0) return [];
  let distance = 1;
  for (let i = 0; length / distance > most; i++) distance = [2, 5, 10][i % 3] * 10 ** Math.floor(i / 3);
  const rows: number[] = [];
  for (let i = distance - 1; i < length; i += distance) rows.push(i);
  if (rows.at(-1) !== length - 1) rows.push(length - 1);
  return rows;
}
