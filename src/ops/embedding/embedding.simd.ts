// The embedding on `simd`; the work is in embedding.as.ts.
import { util } from '@tensorflow/tfjs-core';
import { registerSimdKernel } from '../../backend/simd/simdKernel';

registerSimdKernel('Embedding', (backend, { table, ids }) => {
  const [rows, width] = table.shape;
  const count = util.sizeFromShape(ids.shape);
  const y = backend.output([count, width]);
  backend.kernels.embedding(count, rows, width, backend.pointer(table), backend.pointer(ids), backend.pointer(y));
  return y;
});

registerSimdKernel<{ rows: number }>('EmbeddingGrad', (backend, { ids, dy }, { rows }) => {
  const width = dy.shape[1];
  const count = util.sizeFromShape(ids.shape);
  const dTable = backend.output([rows, width]);
  backend.kernels.embeddingGrad(count, rows, width, backend.pointer(ids), backend.pointer(dy), backend.pointer(dTable));
  return dTable;
});
