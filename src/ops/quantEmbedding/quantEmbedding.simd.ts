// The embedding from blocks on `simd`; the work is in quantEmbedding.as.ts.
import { util } from '@tensorflow/tfjs-core';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { BLOCK_TYPES, rowBytes } from '../../lib/blocks/blockTypes';
import type { QuantTableAttrs } from './quantEmbedding';

registerSimdKernel<QuantTableAttrs>('QuantEmbedding', (backend, { table, ids }, { type, rows, width }) => {
  const count = util.sizeFromShape(ids.shape);
  const y = backend.output([count, width]);
  const [from, at, to] = [table, ids, y].map((info) => backend.pointer(info));
  backend.kernels.quantEmbedding(count, rows, width, BLOCK_TYPES[type].id, from, rowBytes(type, width), at, to);
  return y;
});
