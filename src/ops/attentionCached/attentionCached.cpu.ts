// The truth of attention over a cache of slots: write the new keys and values, list what a query sees, attend.
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';
import type { CachedAttentionAttrs } from './attentionCached';

/** Changes cacheK.data and cacheV.data. @returns [R, Tq, heads·headDim] */
export function referenceAttentionCached(
  q: FloatTensor,
  k: FloatTensor,
  v: FloatTensor,
  cacheK: FloatTensor,
  cacheV: FloatTensor,
  chains: IndexTensor,
  { heads, kvHeads, scale, window }: CachedAttentionAttrs,
): FloatTensor {
  const [rows, time, width] = q.shape;
  const headDim = width / heads;
  const kvWidth = kvHeads * headDim;
  const capacity = cacheK.shape[1];
  const links = chains.shape[1];
  const segment = (r: number, l: number) => {
    const [slot, length] = chains.data.subarray((r * links + l) * 2, (r * links + l) * 2 + 2);
    return { first: slot * capacity, length };
  };
  for (let r = 0; r < rows; r++) {
    const own = segment(r, links - 1);
    if (own.length + time > capacity) {
      throw new RangeError(
        `attentionCached: row ${r} expected room for ${time} positions after ${own.length}, the slot holds ${capacity}.`,
      );
    }
    for (let i = 0; i < time * kvWidth; i++) {
      cacheK.data[(own.first + own.length) * kvWidth + i] = k.data[r * time * kvWidth + i];
      cacheV.data[(own.first + own.length) * kvWidth + i] = v.data[r * time * kvWidth + i];
    }
  }
  const o = floats(q.shape);
  for (let r = 0; r < rows; r++) {
    for (let t = 0; t < time; t++) {
      let seen: number[] = []; // positions in the cache, in reading order
      for (let l = 0; l < links; l++) {
        const { first, length } = segment(r, l);
        const end = l === links - 1 ? length + t + 1 : length;
        for (let j = 0; j < end; j++) seen.push(first + j);
      }
      if (window) seen = seen.slice(-window);
      for (let h = 0; h < heads; h++) {
        const query = ((r * time + t) * heads + h) * headDim;
        const kvHead = Math.floor((h * kvHeads) / heads) * headDim;
        const scores = seen.map((position) => {
          let score = 0;
          for (let d = 0; d < headDim; d++) score += q.data[query + d] * cacheK.data[position * kvWidth + kvHead + d];
          return score * scale;
        });
        const largest = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - largest));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        seen.forEach((position, i) => {
          for (let d = 0; d < headDim; d++) {
            o.data[query + d] += (weights[i] / total) * cacheV.data[position * kvWidth + kvHead + d];
          }
        });
      }
    }
  }
  return o;
}

registerCpuKernel<CachedAttentionAttrs>(
  'AttentionCached',
  ({ f, i }, attrs) => referenceAttentionCached(f('q'), f('k'), f('v'), f('cacheK'), f('cacheV'), i('chains'), attrs),
  () => ['cacheK', 'cacheV'],
);
