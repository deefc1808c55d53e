// What queries of layers with a sliding window see of a packed batch: of the keys they would see, those of the last `window`
// positions, their own included (position i sees j with i − window < j ≤ i).
import { keep, type Tensor3D, tensor } from '@tensorflow/tfjs-core';
import type { BatchTensors, PackedBatch } from './packedBatch';

/** [B, T, 3] as attention wants them. A shared beginning is as far away as positions say, not as columns of the row do. */
export function narrowRanges(
  { rows, time, positions, ranges }: Pick<PackedBatch, 'rows' | 'time' | 'positions' | 'ranges'>,
  window: number,
): Int32Array {
  const narrow = ranges.slice();
  for (let n = 0; n < rows * time; n++) {
    const [row, t] = [n - (n % time), n % time];
    const oldest = positions[n] - window + 1;
    let start = ranges[3 * n];
    while (start < ranges[3 * n + 1] && positions[row + start] < oldest) start++;
    narrow[3 * n] = start;
    narrow[3 * n + 2] = Math.max(ranges[3 * n + 2], t - window + 1);
  }
  return narrow;
}

/** Kept beside the batch's other tensors and let go with them: a block that is computed again on the way back asks once more. */
export function rangesWithin(window: number | null, batch: PackedBatch, tensors: BatchTensors): Tensor3D {
  if (window === null || window >= batch.time) return tensors.ranges;
  const name = `ranges within ${window}` as const;
  tensors[name] ??= keep(tensor(narrowRanges(batch, window), [batch.rows, batch.time, 3], 'int32'));
  return tensors[name];
}
