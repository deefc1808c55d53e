// Measures that both charts share, so that one cursor runs through them, and the placing of labels at line ends.
import type { ChartPoint } from '../../store/chartPoints';
import type { XAxisUnit } from '../../store/preferences';

/** Of one line of a label; projectors and very wide windows have larger type (tokens.css). */
export function labelHeight(): number {
  return typeof matchMedia === 'function' && matchMedia('(min-width: 1800px)').matches ? 21 : 17;
}
/** Layers of recharts: lines are at 400, labels at 2000. */
export const OVER_LINES = 1200;
/** Room left of the first and right of the last point, for dots and bars. */
export const X_PADDING = { left: 10, right: 10 };
export const Y_AXIS_WIDTH = 54;
/** Height of the stage band under the axis. */
export const STAGE_BAND = 20;

/** Room for the labels at the line ends, right of the plot. */
export function labelRoom(width: number): number {
  if (width < 560) return 92;
  // Wider windows have larger type (tokens.css).
  return width < 900 ? 164 : 208;
}

export interface ChartFrame {
  points: readonly ChartPoint[];
  unit: XAxisUnit;
  /** Where the x axis ends. */
  end: number;
  width: number;
  /** A window high enough for larger plots. */
  tall: boolean;
}

export interface EndLabel {
  text: string;
  y: number;
  color: string;
  bold?: boolean;
}

/** Moves labels apart so that none overlaps, as little as possible, inside [top, bottom]. Order by y is kept. */
export function spread(labels: readonly EndLabel[], top: number, bottom: number, height = labelHeight()): EndLabel[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y).map((label) => ({ ...label }));
  for (let i = 0; i < sorted.length; i++) {
    const least = i === 0 ? top : sorted[i - 1].y + height;
    sorted[i].y = Math.max(sorted[i].y, least);
  }
  for (let i = sorted.length - 1; i >= 0; i--) {
    const most = i === sorted.length - 1 ? bottom : sorted[i + 1].y - height;
    sorted[i].y = Math.min(sorted[i].y, most);
  }
  return sorted;
}

/** The axis of flips: symmetric round zero, a round number of percent that holds every bar. */
export function flipLimit(points: readonly ChartPoint[]): number {
  const most = Math.max(0.1, ...points.flatMap((point) => [point.fixed ?? 0, -(point.broken ?? 0)]));
  return Math.ceil(most * 10) / 10;
}

/** Index of the place nearest to x in a rising list, −1 in an empty one. */
export function nearestPlace(xs: readonly number[], x: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle + 1;
    else high = middle;
  }
  if (low === xs.length) return xs.length - 1;
  return low > 0 && x - xs[low - 1] <= xs[low] - x ? low - 1 : low;
}

/** Round ticks from 0, at most about `most`, none beyond the end: 1, 2 or 5 times a power of ten apart. */
export function niceTicks(end: number, most: number): number[] {
  const rough = end / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}

/** A round step of an axis: 1, 2 or 5 times a power of ten, at least `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9)) ?? 10 * power;
}

/** An axis of round ticks, about `most` of them, that holds both values; the ends are ticks. */
export function niceRange(low: number, high: number, most: number): { low: number; high: number; ticks: number[] } {
  const span = high - low || Math.abs(high) || 1;
  const step = roundStep(span / most);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

/** The same for a logarithmic axis, of positive values: whole decades, with 2 and 5 where there is one decade only. */
export function logRange(low: number, high: number): { low: number; high: number; ticks: number[] } {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  const factors = last - first === 1 ? [1, 2, 5] : [1];
  const decades = Array.from({ length: last - first }, (_, i) => first + i);
  const skip = Math.ceil(decades.length / 5);
  const ticks = decades.flatMap((decade, i) => (i % skip === 0 ? factors.map((factor) => factor * 10 ** decade) : []));
  return { low: 10 ** first, high: 10 ** last, ticks: [...ticks, 10 ** last] };
}

/** Width of bars at these places on the x axis: half the mean distance between neighbours, 2 to 12 px. */
export function barWidth(places: readonly number[], end: number, plotWidth: number): number {
  const distance = places.length > 1 ? (places[places.length - 1] - places[0]) / (places.length - 1) : end;
  return Math.max(2, Math.min(12, ((distance / end) * plotWidth) / 2));
}
