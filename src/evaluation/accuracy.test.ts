// Accuracies, flips, intervals and the exact test against statsmodels and scipy (fixtures/statistics.json), and the published counts.
import { describe, expect, test } from 'vitest';
import { editDistance, editDistanceRatio } from '../lib/editDistance';
import { readGoldenFile } from '../train/testing/goldenVectors';
import { editHistogram } from './editHistogram';
import { mcnemarExact, meanOverRuns, pairedDelta, wilson } from './intervals';
import { accuracyAndFlips, compareSecondAttempts } from './twoAttemptAccuracy';

const file = readGoldenFile('statistics', 'statistics', new URL('./fixtures/statistics.json', import.meta.url));
const entry = (name: string) => file.entries.find((candidate: { name: string }) => candidate.name === name);

test('Wilson intervals', () => {
  const { inputs, outputs } = entry('wilson_0.95');
  inputs.c_n.forEach(([c, n]: [number, number], i: number) => {
    const { low, high } = wilson(c, n);
    expect(low).toBeCloseTo(outputs.interval.data[2 * i], 9);
    expect(high).toBeCloseTo(outputs.interval.data[2 * i + 1], 9);
  });
});

test('paired difference of the two attempts', () => {
  const { inputs, outputs } = entry('delta_paired');
  const flips = accuracyAndFlips(inputs.correct_t1.data, inputs.correct_t2.data);
  expect(flips.accuracyT1).toBeCloseTo(outputs.acc1, 12);
  expect(flips.accuracyT2).toBeCloseTo(outputs.acc2, 12);
  expect(flips.iToC).toBeCloseTo(outputs.i_to_c, 12);
  expect(flips.cToI).toBeCloseTo(outputs.c_to_i, 12);
  expect(flips.deltaInterval.low).toBeCloseTo(outputs.ci95_normal[0], 9);
  expect(flips.deltaInterval.high).toBeCloseTo(outputs.ci95_normal[1], 9);
});

test.each(['mcnemar_data', 'mcnemar_text_like', 'mcnemar_equal', 'mcnemar_zero', 'mcnemar_one_sided', 'mcnemar_large'])(
  '%s',
  (name) => {
    const { inputs, outputs } = entry(name);
    const p = mcnemarExact(inputs.i_to_c, inputs.c_to_i);
    expect(Math.abs(p / outputs.p_exact - 1)).toBeLessThan(1e-9);
  },
);

test('edit distances', () => {
  for (const row of entry('edit_distance_ratio').outputs.rows) {
    expect(editDistance([...row.a], [...row.b])).toBe(row.levenshtein);
    expect(editDistanceRatio([...row.a], [...row.b])).toBeCloseTo(row.ratio, 9);
  }
  const { inputs, outputs } = entry('edit_distance_tokens');
  inputs.pairs.forEach(([a, b]: [number[], number[]], i: number) => {
    expect(editDistance(a, b)).toBe(outputs.levenshtein[i]);
  });
});

describe('the rows the SCoRe paper prints (counts of 500 or 164 problems)', () => {
  test.each([
    [500, 263, 207, 23, 79, 52.6, 41.4, -11.2],
    [500, 277, 206, 27, 98, 55.4, 41.2, -14.2],
    [500, 300, 322, 29, 7, 60.0, 64.4, 4.4],
    [164, 86, 106, 25, 5, 52.4, 64.6, 12.2],
  ])('n %d, t1 %d, t2 %d', (n, right1, right2, mended, broken, t1, t2, delta) => {
    expect(right1 + mended - broken).toBe(right2);
    const before = Array.from({ length: n }, (_, i) => Number(i < right1));
    const after = before.map((right, i) => (i < broken ? 0 : i >= right1 && i < right1 + mended ? 1 : right));
    const flips = accuracyAndFlips(before, after);
    expect(100 * flips.accuracyT1).toBeCloseTo(t1, 0);
    expect(100 * flips.accuracyT2).toBeCloseTo(t2, 0);
    expect(100 * flips.delta).toBeCloseTo(delta, 0);
    expect(flips.delta).toBeCloseTo(flips.iToC - flips.cToI, 12);
    expect(flips.delta).toBeCloseTo(flips.accuracyT2 - flips.accuracyT1, 12);
    expect(pairedDelta(mended, broken, n).delta).toBeCloseTo(flips.delta, 12);
  });
});

test('second attempts before and after training', () => {
  const comparison = compareSecondAttempts([0, 0, 0, 1, 1], [1, 1, 0, 1, 0]);
  expect(comparison).toMatchObject({ n: 5, gained: 2, lost: 1, pValue: 1 });
  expect(() => compareSecondAttempts([0], [0, 1])).toThrow(/same 1 problems/);
});

describe('means over runs', () => {
  // Quantiles of Student's t at 97.5 %, as printed in every table of it.
  test.each([
    [2, 12.706],
    [3, 4.303],
    [5, 2.776],
    [11, 2.228],
    [31, 2.042],
  ])('%d runs', (n, quantile) => {
    const values = Array.from({ length: n }, (_, i) => i);
    const deviation = Math.sqrt((n * (n + 1)) / 12);
    const { mean, interval } = meanOverRuns(values);
    expect(mean).toBeCloseTo((n - 1) / 2, 12);
    expect((interval!.high - mean) / (deviation / Math.sqrt(n))).toBeCloseTo(quantile, 3);
    expect(interval!.high - mean).toBeCloseTo(mean - interval!.low, 12);
  });
  test('one run has no interval', () => {
    expect(meanOverRuns([0.4])).toEqual({ mean: 0.4, interval: null });
  });
});

test('edit-distance histogram: unchanged ones apart, then tenths', () => {
  const pairs = [
    ['abcd', 'abcd'],
    ['abcd', 'wxyz'],
    ['ab', 'abcd'],
    ['', 'abcd'],
    ['kitten', 'sitting'],
    ['', ''],
  ];
  const texts = pairs.flat();
  const tokens = Int32Array.from(texts.join(''), (letter) => letter.charCodeAt(0));
  const offsets = Int32Array.from([0, ...texts.map((_, i) => texts.slice(0, i + 1).join('').length)]);
  const counts = editHistogram({ episodes: pairs.length, attempts: 2, offsets, tokens });
  //                    =0       0.23   0.33      0.5                1
  expect(counts).toEqual([2, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1]);
});
