// Attention for decoding, over a cache of slots. A row's past is a chain of segments (slot, length), so that rows
// share a prompt or a first attempt by naming the same slot: nothing is copied.
// Kernel `AttentionCached` first WRITES k and v of the new tokens into the row's own (last) segment, then attends.
import { engine, type Tensor, type Tensor3D } from '@tensorflow/tfjs-core';
import type { AttentionAttrs } from '../attention/attention';

export interface CachedAttentionAttrs extends AttentionAttrs {
  /** a query sees this many of the last keys, itself included; absent or 0 = all */
  window?: number;
}

/**
 * @param q [R, Tq, heads·headDim] new queries (Tq > 1 when a prompt is read at once)
 * @param k [R, Tq, kvHeads·headDim] their keys, already rotated; v alike
 * @param cacheK [S, C, kvHeads·headDim] S slots of C positions, changed in place; cacheV alike
 * @param chains [R, L, 2] int32 of (slot, length) in reading order, length 0 = unused. The last of the L segments is the
 *   row's own: new tokens go to its positions length … length+Tq−1 (which must be < C), no two rows own the same slot.
 * @returns [R, Tq, heads·headDim]: query i sees all earlier segments, its own segment's `length` positions and new tokens ≤ i,
 *   of all these the last `window`.
 *   Rows padded on the right simply have junk in the padded queries; do not count them into the next length.
 */
export function attentionCached(
  q: Tensor3D,
  k: Tensor3D,
  v: Tensor3D,
  cacheK: Tensor3D,
  cacheV: Tensor3D,
  chains: Tensor,
  attrs: CachedAttentionAttrs,
): Tensor3D {
  if (chains.dtype !== 'int32' || chains.rank !== 3 || chains.shape[0] !== q.shape[0] || chains.shape[2] !== 2) {
    throw new RangeError(
      `attentionCached: expected chains [${q.shape[0]}, L, 2] int32, got [${chains.shape}] ${chains.dtype}.`,
    );
  }
  return engine().runKernel('AttentionCached', { q, k, v, cacheK, cacheV, chains }, { ...attrs });
}
