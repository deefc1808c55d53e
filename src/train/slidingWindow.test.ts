// Ranges of layers with a sliding window: plain texts, texts packed behind each other, attempts behind a shared beginning, padding.
import { expect, test } from 'vitest';
import { BatchPacker } from './packedBatch';
import { narrowRanges } from './slidingWindow';

/** Positions (as the texts count them) that the query in column t of the only row sees. */
function seen(packer: BatchPacker, t: number, window: number): number[] {
  const batch = packer.finish(0);
  const [start, end, own] = narrowRanges(batch, window).subarray(3 * t, 3 * t + 3);
  const columns = [...Array(t + 1).keys()].filter((j) => (j >= start && j < end) || j >= own);
  return columns.map((j) => batch.positions[j]);
}

test('the last tokens, the query’s own included', () => {
  const packer = new BatchPacker();
  packer.append(packer.newRow(), [1, 2, 3, 4, 5, 6]);
  expect(seen(packer, 1, 3)).toEqual([0, 1]);
  expect(seen(packer, 5, 3)).toEqual([3, 4, 5]);
  expect(seen(packer, 5, 1)).toEqual([5]);
});

test('a text packed behind another sees nothing of it', () => {
  const packer = new BatchPacker();
  const row = packer.newRow();
  packer.append(row, [1, 2, 3, 4]);
  packer.append(row, [5, 6, 7]);
  expect(seen(packer, 4, 3)).toEqual([0]);
  expect(seen(packer, 6, 3)).toEqual([0, 1, 2]);
});

test('a shared beginning is as far away as its positions say, not as its columns', () => {
  const packer = new BatchPacker();
  const row = packer.newRow();
  packer.append(row, [1, 2, 3, 4, 5]);
  packer.append(row, [6, 7, 8], 5);
  packer.append(row, [9, 10, 11], 5);
  // The second branch's last token stands in column 10 at position 7.
  expect(seen(packer, 10, 4)).toEqual([4, 5, 6, 7]);
  expect(seen(packer, 8, 4)).toEqual([2, 3, 4, 5]);
  expect(seen(packer, 10, 2)).toEqual([6, 7]);
});

test('padding on the right sees itself', () => {
  const packer = new BatchPacker();
  packer.append(packer.newRow(), [1, 2, 3, 4]);
  packer.append(packer.newRow(), [1]);
  const ranges = narrowRanges(packer.finish(0), 2);
  expect([...ranges.subarray(3 * 7, 3 * 8)]).toEqual([0, 0, 3]);
});
