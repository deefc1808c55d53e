// Where hops are drawn, what is revealed when, and the small geometry of the charts.
import { expect, test } from 'vitest';
import { barWidth, flipLimit, logRange, nearestPlace, niceRange, niceTicks, spread } from '../charts/chartLayout';
import { evaluationAt, rightAttempt, slippedAttempt, summaryOf, wrongAttempt } from '../testing/recordedLesson';
import { arcPath, drawHops, laneRadius, NUMERALS, pointAt, SIZE, shortWay } from './dialGeometry';
import { verdictOf } from './Exchange';
import { matrixOf } from './FlipMatrix';
import { revealAttempts } from './usePacedAttempts';

test('0 is at the top, 3 to the right, as on a clock', () => {
  expect(pointAt(0, 100)).toEqual({ x: SIZE / 2, y: SIZE / 2 - 100 });
  expect(pointAt(3, 100).x).toBeCloseTo(SIZE / 2 + 100);
  expect(pointAt(3, 100).y).toBeCloseTo(SIZE / 2);
});

test('forward hops turn clockwise, long ones the long way', () => {
  expect(arcPath(0, 3, 100)).toContain(' 0 0 1 ');
  expect(arcPath(0, -3, 100)).toContain(' 0 0 0 ');
  expect(arcPath(0, 11, 100)).toContain(' 0 1 1 ');
  expect(shortWay(11, 1)).toBe(2);
  expect(shortWay(1, 11)).toBe(-2);
});

test('each hop has its own lane inside the drawing; the first attempt outside the numerals, the second inside', () => {
  for (const hops of [3, 5, 7]) {
    const lanes = Array.from({ length: hops }, (_, i) => [laneRadius(0, i, hops), laneRadius(1, i, hops)]);
    expect(new Set(lanes.flat()).size).toBe(hops * 2);
    for (const [outer, inner] of lanes) {
      expect(outer).toBeGreaterThan(NUMERALS);
      expect(outer + 17).toBeLessThanOrEqual(SIZE / 2);
      expect(inner).toBeLessThan(NUMERALS);
      expect(inner).toBeGreaterThan(12);
    }
  }
});

test('a walk goes on from where the model says it landed, and a slip is drawn from the true landing', () => {
  const drawn = drawHops(1, slippedAttempt.start ?? 0, slippedAttempt.hops, 5);
  expect(drawn.map((hop) => hop.slip !== '')).toEqual([false, false, false, true, false]);
  // written landing 9, true landing 8
  expect(drawn[3].end).toEqual(pointAt(9, laneRadius(1, 3, 5)));
  expect(drawn[4].approach.to).toEqual(pointAt(9, laneRadius(1, 4, 5)));
});

test('attempts are revealed word by word, the verdict last, the second attempt after the sentence', () => {
  const both = [rightAttempt, wrongAttempt];
  const at = (beats: number) => revealAttempts(both, beats);
  expect(at(1)).toMatchObject([{ hops: [], finished: false, verdict: null }]);
  expect(at(4)[0].hops).toHaveLength(3);
  expect(at(6)[0].verdict).toBeNull();
  expect(at(7)[0].verdict?.correct).toBe(true);
  expect(at(10)).toHaveLength(1);
  expect(at(11)).toHaveLength(2);
  expect(at(100)).toEqual(both);
});

test('what has not arrived is not revealed', () => {
  const half = { ...rightAttempt, hops: rightAttempt.hops.slice(0, 2), finished: false, verdict: null };
  expect(revealAttempts([half], 100)).toEqual([half]);
});

test('the flip of an exchange', () => {
  expect(verdictOf([rightAttempt, wrongAttempt])).toBe('c_to_i');
  expect(verdictOf([wrongAttempt, rightAttempt])).toBe('i_to_c');
  expect(verdictOf([rightAttempt])).toBeNull();
});

test('the 2×2 adds up to everything and its margins are the accuracies', () => {
  const shares = matrixOf(summaryOf(0.571, 0.057, 0.181, 0));
  expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  expect(shares.c_to_c + shares.i_to_c).toBeCloseTo(0.447);
});

test('labels at line ends never overlap, keep their order, and stay inside', () => {
  const labels = [100, 101, 103, 240].map((y, i) => ({ text: String(i), y, color: '' }));
  const placed = spread(labels, 10, 240);
  expect(placed.map(({ text }) => text)).toEqual(['0', '1', '2', '3']);
  for (let i = 1; i < placed.length; i++) expect(placed[i].y - placed[i - 1].y).toBeGreaterThanOrEqual(17);
  const low = spread(
    labels.map((label) => ({ ...label, y: 239 })),
    10,
    240,
  );
  expect(Math.max(...low.map(({ y }) => y))).toBe(240);
});

test('axes are round', () => {
  expect(niceTicks(70, 7)).toEqual([0, 10, 20, 30, 40, 50, 60, 70]);
  expect(niceTicks(4.6, 7)).toEqual([0, 1, 2, 3, 4]);
  expect(niceTicks(0.5, 5)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  const flips = { step: 0, tokens: 0, minutes: 0, fixed: 0.06, broken: -0.23 };
  const none = { evaluation: evaluationAt(0), t1: null, t2: null, band1: null, band2: null, delta: null };
  expect(flipLimit([{ ...flips, ...none, practice1: null, practice2: null }])).toBeCloseTo(0.3);
  expect(barWidth([0, 5, 10], 70, 700)).toBe(12);
  expect(barWidth([0, 1, 2], 700, 700)).toBe(2);
  expect(nearestPlace([], 3)).toBe(-1);
  expect([-5, 4, 6, 14, 16, 99].map((x) => nearestPlace([0, 10, 20], x))).toEqual([0, 0, 1, 1, 2, 2]);
});

test('axes that fit their data have round ends and hold every value', () => {
  expect(niceRange(-0.8, 3.1, 4)).toEqual({ low: -1, high: 4, ticks: [-1, 0, 1, 2, 3, 4] });
  expect(niceRange(0, 0.037, 3)).toEqual({ low: 0, high: 0.04, ticks: [0, 0.02, 0.04] });
  const flat = niceRange(5, 5, 3);
  expect(flat.low).toBeLessThanOrEqual(5);
  expect(flat.high).toBeGreaterThan(flat.low);
  expect(logRange(0.02, 30)).toEqual({ low: 0.01, high: 100, ticks: [0.01, 0.1, 1, 10, 100] });
  expect(logRange(2, 3).ticks).toEqual([1, 2, 5, 10]);
});
