// AttentionCached on `simd`. The cache tensors are changed in place, as the op's contract says.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { CachedAttentionAttrs } from './attentionCached';

/** There is no bounds check inside WASM: a wrong chain would damage other tensors, so it is refused here. */
function checkChains(backend: SimdBackend, chains: TensorInfo, slots: number, capacity: number, time: number): void {
  const values = backend.glance(chains);
  const links = chains.shape[1];
  for (let i = 0; i < values.length; i += 2) {
    const [slot, length] = [values[i], values[i + 1]];
    const isOwn = (i / 2) % links === links - 1;
    const end = isOwn ? length + time : length;
    if (slot < 0 || slot >= slots || length < 0 || end > capacity) {
      throw new RangeError(
        `attentionCached: row ${Math.floor(i / 2 / links)} expected a slot below ${slots} with ${isOwn ? `room for ${time} positions after ${length}` : 'a stored length'}, got slot ${slot} of ${capacity} positions, length ${length}. Make the cache longer.`,
      );
    }
  }
}

registerSimdKernel<CachedAttentionAttrs>(
  'AttentionCached',
  (backend, { q, k, v, cacheK, cacheV, chains }, { heads, kvHeads, scale, window = 0 }) => {
    const [rows, time, width] = q.shape;
    const [slots, capacity] = cacheK.shape;
    const links = chains.shape[1];
    checkChains(backend, chains, slots, capacity, time);
    const o = backend.output(q.shape);
    backend.reserveScratch(heads * (links * capacity + time + 8) * 4);
    const tensors = [q, k, v, cacheK, cacheV, chains, o];
    backend.kernels.attentionCached(
      ...[rows, time, heads, kvHeads, width / heads, scale, capacity, links, window],
      ...tensors.map((tensor) => backend.pointer(tensor)),
    );
    return o;
  },
);
