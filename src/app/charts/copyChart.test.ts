// What is copied as CSV: every evaluation on screen once, a value for every column, nothing for practice batches.
import { expect, test } from 'vitest';
import { chartPoints } from '../../store/chartPoints';
import { RunSeries } from '../../store/runSeries';
import { evaluationAt } from '../testing/recordedLesson';
import { pointsAsCsv } from './copyChart';

test('one row per evaluation, fractions as measured, in the chosen decoding', () => {
  const series = new RunSeries();
  for (let step = 1; step <= 10; step++) series.append({ step, seconds: step * 6, tokens: step * 1000, metrics: {} });
  const points = chartPoints([evaluationAt(0), evaluationAt(10)], series, 'sampled');
  const [head, ...rows] = pointsAsCsv(points, 'sampled').split('\n');
  const names = head.split(',');
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row.split(',')).toHaveLength(names.length);
  const last = Object.fromEntries(rows[1].split(',').map((value, i) => [names[i], Number(value)]));
  const { sampled } = evaluationAt(10);
  expect(last).toMatchObject({
    step: 10,
    tokens: 10_000,
    minutes: 1,
    n: 500,
    temperature: 1,
    accuracy_t1: sampled.accuracyT1,
    accuracy_t2_high: sampled.accuracyT2Interval.high,
    c_to_i: sampled.cToI,
  });
  expect(last.accuracy_t2 - last.accuracy_t1).toBeCloseTo(last.delta);
});
