// Against the worked examples of Newcombe 1998, table II, method 10.
import { expect, test } from 'vitest';
import { differenceOf } from './differenceInterval';
import { wilson } from './wilson';

const share = (successes: number, n: number) => ({ value: successes / n, interval: wilson(successes, n) });

test.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
  [10, 10, 0, 20, 0.6791, 1],
])('%i of %i minus %i of %i', (a, n, b, m, low, high) => {
  const { value, interval } = differenceOf(share(a, n), share(b, m));
  expect(value).toBeCloseTo(a / n - b / m, 12);
  expect(interval?.low).toBeCloseTo(low, 4);
  expect(interval?.high).toBeCloseTo(high, 4);
});

test('no interval without both', () => {
  expect(differenceOf({ value: 0.5, interval: null }, share(1, 4))).toEqual({ value: 0.25, interval: null });
});
