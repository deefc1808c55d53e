// How far classes lie apart, on points where it is known; and the overlap of solved problems on published counts.
import { describe, expect, test } from 'vitest';
import { CounterRng } from '../lib/counterRng';
import { linearProbe, principalComponents, silhouette } from './separation';
import { solvedOverlap } from './solvedOverlap';

/** Two clouds of `size` dimensions, `apart` apart along one direction. */
function clouds(apart: number, size = 8, n = 240) {
  const rng = new CounterRng(3, 9);
  const labels = Array.from({ length: n }, (_, i) => i % 2);
  const points = labels.map((label) =>
    Array.from({ length: size }, (_, i) => rng.normal() + (i === 2 ? apart * label : 0)),
  );
  return { labels, points };
}

describe('principal components', () => {
  test('points on a line have one, whatever the line', () => {
    const line = Array.from({ length: 20 }, (_, i) => [3 * i, -4 * i, 12 * i]);
    const { explained, coordinates } = principalComponents(line);
    expect(explained[0]).toBeCloseTo(1, 10);
    expect(explained[1]).toBeCloseTo(0, 10);
    const [a, b] = [coordinates[0][0], coordinates[1][0]];
    expect(Math.abs(a - b)).toBeCloseTo(13, 8);
  });
  test('an ellipse: variances 9 and 1 on the axes', () => {
    const ring = Array.from({ length: 400 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 400;
      return [Math.cos(angle), 3 * Math.sin(angle), 0];
    });
    expect(principalComponents(ring).explained.map((x) => x.toFixed(6))).toEqual(['0.900000', '0.100000']);
  });
  test('points that are all the same explain nothing and stay finite', () => {
    const { explained, coordinates } = principalComponents([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(explained).toEqual([0, 0]);
    expect(coordinates.every((point) => point.every((x) => x === 0))).toBe(true);
  });
});

describe('separation', () => {
  test('silhouette of four points on a line', () => {
    // 0 and 1 against 10 and 11: a = 1, b = 10.5 or 9.5 for the outer and the inner points
    const found = silhouette([[0], [1], [10], [11]], [0, 0, 1, 1]);
    expect(found).toBeCloseTo((2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4, 12);
    expect(silhouette([[0], [1], [10], [11]], [0, 1, 0, 1])).toBeLessThan(0);
  });
  test('the farther apart, the clearer both say so; on top of each other they say chance', () => {
    const [none, some, far] = [0, 2, 8].map((apart) => {
      const { points, labels } = clouds(apart);
      return { silhouette: silhouette(points, labels), probe: linearProbe(points, labels) };
    });
    expect(Math.abs(none.silhouette)).toBeLessThan(0.05);
    expect(none.probe).toBeLessThan(0.7);
    expect(some.silhouette).toBeGreaterThan(none.silhouette);
    expect(some.probe).toBeGreaterThan(0.75);
    expect(far.silhouette).toBeGreaterThan(0.4);
    expect(far.probe).toBe(1);
  });
});

describe('overlap of solved problems (table 1 of the paper: intersection, pos, neg, IoU)', () => {
  test.each([
    ['intermediate algebra', 4, 35, 21, 0.077],
    ['prealgebra', 9, 72, 43, 0.085],
    ['number theory', 1, 29, 17, 0.022],
    // Its algebra row says 8, 52, 43 and 0.062, where the counts give 0.092.
    ['algebra, by its counts', 8, 52, 43, 0.092],
  ])('%s', (_, both, positive, negative, union) => {
    const size = positive + negative;
    const first = Array.from({ length: size }, (_i, i) => Number(i < positive));
    const second = Array.from({ length: size }, (_i, i) =>
      Number(i >= positive - both && i < positive - both + negative),
    );
    const found = solvedOverlap(first, second);
    expect(found).toMatchObject({ first: positive, second: negative, both });
    expect(found.union).toBeCloseTo(union, 3);
  });
  test('nobody solves anything', () => {
    expect(solvedOverlap([0, 0], [0, 0]).union).toBeNull();
  });
});
