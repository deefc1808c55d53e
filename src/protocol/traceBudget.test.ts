// Thinning: what goes first, what stays longest, and that it stops as soon as there is room.
import { expect, test } from 'vitest';
import { type ChunkSize, chunksToThin, defaultTraceBudget } from './traceBudget';

const train = (from: number, to: number, bytes = 10): ChunkSize[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ step: from + i, kind: 'train', bytes }));
const measured = (steps: number[], bytes = 10): ChunkSize[] =>
  steps.flatMap((step) => [
    { step, kind: 'eval_greedy' as const, bytes },
    { step, kind: 'eval_sampled' as const, bytes },
  ]);
const names = (chunks: ChunkSize[]) => chunks.map(({ step, kind }) => `${kind} ${step}`);

test('what fits is left alone', () => {
  expect(chunksToThin(train(1, 100), 1000)).toEqual([]);
});

test('every second of the older practice steps goes first, the newest 20 and the evaluations stay', () => {
  const thinned = chunksToThin([...train(1, 60), ...measured([0, 20, 40, 60])], 600);
  // 680 bytes have to become at most 540.
  expect(names(thinned)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27].map((step) => `train ${step}`));
});

test('then sparser and sparser, then the newest practice, then evaluations, base and newest last of all', () => {
  const all = [...train(1, 30), ...measured([0, 10, 20, 30])];
  const order = names(chunksToThin(all, 0));
  expect(order).toHaveLength(all.length);
  expect(order.slice(0, 10)).toEqual([1, 3, 5, 7, 9, 2, 6, 10, 4, 8].map((step) => `train ${step}`));
  expect(order.slice(10, 30)).toEqual(Array.from({ length: 20 }, (_, i) => `train ${11 + i}`));
  expect(order.slice(30)).toEqual([
    'eval_sampled 10',
    'eval_sampled 20',
    'eval_greedy 10',
    'eval_greedy 20',
    'eval_greedy 0',
    'eval_sampled 0',
    'eval_greedy 30',
    'eval_sampled 30',
  ]);
});

test('a single chunk larger than the budget is not kept', () => {
  expect(chunksToThin(train(1, 1, 50), 40)).toHaveLength(1);
});

test('the default is a tenth of the granted room within sensible ends', () => {
  expect(defaultTraceBudget(null)).toBe(512e6);
  expect(defaultTraceBudget(1e12)).toBe(512e6);
  expect(defaultTraceBudget(1e9)).toBe(1e8);
  expect(defaultTraceBudget(0)).toBe(16e6);
});
