// Paths draw every point once, and a missing value as a gap or bridged.
import { expect, test } from 'vitest';
import { bandPath, barsPath, dotsPath, linePath } from './chartPaths';

test('a line has a gap where a value is missing, or runs on over it', () => {
  expect(linePath([0, 1, 2, 3], [5, Number.NaN, 7, 8])).toBe('M0 5M2 7L3 8');
  expect(linePath([0, 1, 2, 3], [5, Number.NaN, 7, 8], true)).toBe('M0 5L2 7L3 8');
  expect(linePath([], [])).toBe('');
});

test('a band goes forth above and back below, closed', () => {
  expect(bandPath([0, 1, 2], [1, Number.NaN, 3], [5, Number.NaN, 6])).toBe('M0 5L2 6L2 3L0 1Z');
  expect(bandPath([0], [Number.NaN], [Number.NaN])).toBe('');
});

test('dots and bars: one closed shape each, none for a missing value', () => {
  expect(dotsPath([10], [20], 3)).toBe('M7 20a3 3 0 1 0 6 0a3 3 0 1 0 -6 0');
  expect(barsPath([10, 20], 50, [40, Number.NaN], 4)).toBe('M8 50h4V40h-4Z');
  expect(linePath([1 / 3], [2 / 3])).toBe('M0.3 0.7');
});
