// A metric's value in words: shares in percent, other numbers with as many digits as they deserve.
import type { Formats } from '../i18n/format';
import type { PlotSpec } from './metricSpecs';

export function formatMetric(format: Formats, scale: PlotSpec['scale'], value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (scale === 'share') return format.percent(value);
  const size = Math.abs(value);
  if (size >= 10_000) return format.compact(value);
  if (size === 0) return format.number(0);
  if (size < 0.001) return value.toExponential(1).replace(/-/g, '−');
  return format.number(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** Ticks of one axis with the same number of digits; on a logarithmic axis as many as each needs. */
export function tickWords(
  format: Formats,
  scale: PlotSpec['scale'],
  ticks: readonly number[],
  isLog: boolean,
): (value: number) => string {
  if (scale === 'share') return (value) => format.percent(value, 0);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  const digitsOf = (size: number) => Math.min(8, Math.max(0, -Math.floor(Math.log10(size) + 1e-9)));
  return (value) => {
    if (Math.abs(value) >= 10_000) return format.compact(value);
    return format.number(value, isLog ? digitsOf(value) : digitsOf(step));
  };
}
