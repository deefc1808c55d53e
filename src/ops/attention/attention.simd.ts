// Attention on `simd`: sizes and addresses for attention.as.ts.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { AttentionAttrs } from './attention';

function sizes(backend: SimdBackend, q: TensorInfo, { heads, kvHeads, scale }: AttentionAttrs, backward: boolean) {
  const [batch, time, width] = q.shape;
  const dim = width / heads;
  backend.reserveScratch(backend.kernels.attentionScratch(time, dim, Number(backward)));
  return [batch, time, heads, kvHeads, dim, scale];
}

registerSimdKernel<AttentionAttrs>('Attention', (backend, { q, k, v, ranges }, attrs) => {
  const o = backend.output(q.shape);
  const lse = backend.output([q.shape[0], attrs.heads, q.shape[1]]);
  const numbers = sizes(backend, q, attrs, false);
  backend.kernels.attention(...numbers, ...[q, k, v, ranges, o, lse].map((tensor) => backend.pointer(tensor)));
  return [o, lse];
});

registerSimdKernel<AttentionAttrs>('AttentionGrad', (backend, { q, k, v, ranges, o, lse, dy }, attrs) => {
  const gradients = [backend.output(q.shape), backend.output(k.shape), backend.output(v.shape)];
  const numbers = sizes(backend, q, attrs, true);
  const tensors = [q, k, v, ranges, o, lse, dy, ...gradients];
  backend.kernels.attentionGrad(...numbers, ...tensors.map((tensor) => backend.pointer(tensor)));
  return gradients;
});
