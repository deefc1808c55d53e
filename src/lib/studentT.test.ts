// Quantiles against the printed table, and an interval worked by hand.
import { expect, test } from 'vitest';
import { meanWithInterval, tQuantile95 } from './studentT';

// Abramowitz and Stegun, table 26.10, two-sided 0.95.
const table: [df: number, t: number][] = [
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [5, 2.571],
  [9, 2.262],
  [10, 2.228],
  [30, 2.042],
  [120, 1.98],
];

test.each(table)('t for %i degrees of freedom is %f', (df, t) => {
  expect(tQuantile95(df)).toBeCloseTo(t, 3);
});

test('mean and interval of five values', () => {
  // variance 2.5, standard error √0.5, t(4) = 2.7764
  const { n, mean, interval } = meanWithInterval([1, 2, 3, 4, 5]);
  expect([n, mean]).toEqual([5, 3]);
  expect(interval?.low).toBeCloseTo(3 - 2.7764 * Math.SQRT1_2, 3);
  expect(interval?.high).toBeCloseTo(3 + 2.7764 * Math.SQRT1_2, 3);
});

test('one value has no interval, none is refused', () => {
  expect(meanWithInterval([0.5])).toEqual({ n: 1, mean: 0.5, interval: null });
  expect(() => meanWithInterval([])).toThrow(/at least one value/);
});
