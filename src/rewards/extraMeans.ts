// Means of the numeric columns beside the score, as metrics of a step: charts like any other.
import type { MetricRow } from '../protocol/events';
import type { Verdict } from './task';

/** Over the answers in which a column is there; null when it is in none (no answer had a wrong hop). */
export function extraMeans(verdicts: readonly Verdict[]): MetricRow {
  const names = new Set(verdicts.flatMap(({ extra }) => Object.keys(extra?.numbers ?? {})));
  const row: MetricRow = {};
  for (const name of names) {
    const values = verdicts.map(({ extra }) => extra?.numbers[name]).filter((value) => value != null);
    const sum = values.reduce((total, value) => total + value, 0);
    row[`extra/${name}/mean`] = values.length > 0 ? sum / values.length : null;
  }
  return row;
}
