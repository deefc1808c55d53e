// Smoothing, thinning, axes and CSV of a run's columns.
import { expect, test } from 'vitest';
import { evaluationAt } from '../app/testing/recordedLesson';
import {
  evaluationSeries,
  extremes,
  joinColumns,
  plotLine,
  roundUp,
  rowsAsCsv,
  SPEED,
  smooth,
  speedColumn,
  tableRows,
  xColumn,
} from './plotSeries';
import { RunSeries } from './runSeries';

function seriesOf(values: (number | null)[]): RunSeries {
  const series = new RunSeries();
  values.forEach((kl, i) => {
    series.append({ step: i + 1, seconds: (i + 1) * 30, tokens: (i + 1) * 600, metrics: { kl } });
  });
  return series;
}

test('smoothing starts at the first value, not at zero, and keeps a constant constant', () => {
  expect([...smooth([4, 4, 4], 0.9)].map((v) => Number(v.toFixed(12)))).toEqual([4, 4, 4]);
  // By hand: (0.5·1 + 1·3·0.5 …): s1 = 1; s2 = (0.5·0.5·1 + 0.5·3) / 0.75
  expect(smooth([1, 3], 0.5)[1]).toBeCloseTo((0.25 + 1.5) / 0.75, 12);
  expect([...smooth([1, 2, 3], 0)]).toEqual([1, 2, 3]);
});

test('smoothing passes over what was not computed', () => {
  const [first, gap, last] = smooth([2, Number.NaN, 2], 0.7);
  expect(first).toBeCloseTo(2);
  expect(gap).toBeNaN();
  expect(last).toBeCloseTo(2);
});

test('thinning keeps ends and every spike, in order, and never more than asked', () => {
  const y = Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 50));
  y[4321] = 9;
  y[8765] = -9;
  const kept = extremes(y, 400);
  expect(kept.length).toBeLessThanOrEqual(400);
  expect(kept).toContain(4321);
  expect(kept).toContain(8765);
  expect([kept[0], kept.at(-1)]).toEqual([0, 9999]);
  expect([...kept].sort((a, b) => a - b)).toEqual(kept);
  expect(extremes([1, Number.NaN, 3], 400)).toEqual([0, 2]);
});

test('a line in each unit, with its smoothed twin when asked', () => {
  const series = seriesOf([1, null, 3]);
  expect([...xColumn(series, 'minutes')]).toEqual([0.5, 1, 1.5]);
  const { raw, smoothed } = plotLine(series, 'kl', { unit: 'tokens', weight: 0, most: 400 });
  expect([...raw.x]).toEqual([600, 1800]);
  expect([...raw.step]).toEqual([1, 3]);
  expect(smoothed).toBeNull();
  expect(plotLine(series, 'kl', { unit: 'step', weight: 0.5, most: 400 }).smoothed?.y).toHaveLength(2);
  expect(plotLine(series, 'nobody wrote this', { unit: 'step', weight: 0, most: 400 }).raw.y).toHaveLength(0);
});

test('speed is tokens over the time since the row before', () => {
  const speed = speedColumn(seriesOf([1, 1, 1]));
  expect(speed[0]).toBeNaN();
  expect([...speed.slice(1)]).toEqual([20, 20]);
});

test('evaluations become columns, and Δ is i→c − c→i there too', () => {
  const columns = evaluationSeries([evaluationAt(0), evaluationAt(2)], seriesOf([1, 1, 1]));
  expect([...columns.column('step')]).toEqual([0, 2]);
  expect([...columns.column('tokens')]).toEqual([0, 1200]);
  const at = (name: string) => columns.at(name, 1);
  expect(at('eval/delta')).toBeCloseTo(at('eval/i_to_c') - at('eval/c_to_i'), 12);
  expect(at('eval_sampled/accuracy_t2')).toBe(evaluationAt(2).sampled.accuracyT2);
});

test('CSV has every row, empty where nothing was computed', () => {
  const series = seriesOf([1.5, null]);
  const names = ['kl', SPEED].map((name) => ({ series, name }));
  expect(rowsAsCsv(names)).toBe('step,tokens,minutes,kl,tokens_per_second\n1,600,0.500,1.5,\n2,1200,1.000,,20');
});

test('rows and evaluations side by side: every step of either, once', () => {
  const rows = seriesOf([1, 2, 3]);
  const evaluations = evaluationSeries([evaluationAt(0), evaluationAt(2)], rows);
  const joined = joinColumns([
    { series: rows, name: 'kl' },
    { series: evaluations, name: 'eval/accuracy_t1' },
  ]);
  expect(joined.steps).toEqual([0, 1, 2, 3]);
  expect([...joined.values[0]]).toEqual([Number.NaN, 1, 2, 3]);
  expect(joined.values[1][2]).toBe(evaluationAt(2).greedy.accuracyT1);
  expect(joined.values[1][3]).toBeNaN();
});

test('table rows stand at round distances, so that only the end changes as a run grows', () => {
  expect(tableRows(3, 60)).toEqual([0, 1, 2]);
  const rows = tableRows(1234, 60);
  expect(rows.length).toBeLessThanOrEqual(61);
  expect(rows.at(-1)).toBe(1233);
  expect(tableRows(1235, 60).slice(0, -1)).toEqual(rows.slice(0, -1));
  expect(tableRows(0, 60)).toEqual([]);
});

test('axis ends are rounded up to two digits', () => {
  expect([0.0123, 1, 1234, 99.1, 0].map(roundUp)).toEqual([0.013, 1, 1300, 100, 1]);
});
