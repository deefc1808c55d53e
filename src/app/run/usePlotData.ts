// What one plot draws now: its lines, thinned and smoothed, and the axes that hold them. Computed again when rows were added
// or the settings changed, never on a hover.
import { useMemo } from 'react';
import { type PlotLine, plotLine, roundUp, xColumn } from '../../store/plotSeries';
import type { XAxisUnit } from '../../store/preferences';
import type { RunSeries } from '../../store/runSeries';
import { logRange, niceRange } from '../charts/chartLayout';
import type { ChartSettings } from './chartSettings';
import type { LineSpec, PlotSpec } from './metricSpecs';

/** Points of a line; a panel is some 350 px wide. */
const MOST_POINTS = 350;

export interface DrawnLine {
  spec: LineSpec;
  series: RunSeries;
  raw: PlotLine;
  smoothed: PlotLine | null;
}

export interface PlotData {
  /** Those with at least one value. */
  lines: DrawnLine[];
  unit: XAxisUnit;
  xEnd: number;
  low: number;
  high: number;
  ticks: number[];
  isLog: boolean;
}

function axisOf(spec: PlotSpec, lines: DrawnLine[], log: boolean): Pick<PlotData, 'low' | 'high' | 'ticks' | 'isLog'> {
  let low = Number.POSITIVE_INFINITY;
  let leastPositive = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { raw } of lines) {
    for (const value of raw.y) {
      if (value < low) low = value;
      if (value > 0 && value < leastPositive) leastPositive = value;
      if (value > high) high = value;
    }
  }
  if (spec.scale === 'share') return { low: 0, high: 1, ticks: [0, 0.5, 1], isLog: false };
  if (high < low) return { ...niceRange(0, 1, 3), isLog: false };
  // A zero has no place on it and leaves a gap; something negative would be half of the curve.
  if (log && low >= 0 && high > 0) return { ...logRange(leastPositive, high), isLog: true };
  return { ...niceRange(spec.scale === 'zero' ? Math.min(0, low) : low, high, 3), isLog: false };
}

/** Where the x axis ends: the planned steps; else as far as the run has come, projected and rounded. */
export function endOfAxis(rows: RunSeries, unit: XAxisUnit, totalSteps: number): number {
  const last = rows.length - 1;
  if (unit === 'step') return Math.max(1, totalSteps, last < 0 ? 0 : rows.at('step', last));
  if (last < 0) return 1;
  const step = rows.at('step', last);
  return roundUp(xColumn(rows, unit)[last] * Math.max(1, totalSteps / step));
}

export function usePlotData(
  spec: PlotSpec,
  rows: RunSeries,
  evaluations: RunSeries,
  settings: ChartSettings,
  totalSteps: number,
  version: number,
): PlotData {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the rows of the mutable series
  return useMemo(() => {
    const { unit, weight, log } = settings;
    const lines = spec.lines
      .map((line): DrawnLine => {
        const isRow = line.from === 'rows';
        const series = isRow ? rows : evaluations;
        // Evaluations are few and each is a mean over hundreds: they are not smoothed.
        const options = { unit, weight: isRow ? weight : 0, most: MOST_POINTS };
        return { spec: line, series, ...plotLine(series, line.metric, options) };
      })
      .filter(({ raw }) => raw.y.length > 0);
    return { lines, unit, xEnd: endOfAxis(rows, unit, totalSteps), ...axisOf(spec, lines, log) };
  }, [spec, rows, evaluations, settings, totalSteps, version]);
}
