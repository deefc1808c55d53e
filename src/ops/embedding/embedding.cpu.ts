// The truth of the embedding: copy rows, add rows back.
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';

/** An id outside the table reads row 0, as on the other backends: a kernel cannot throw on a GPU. */
function rowOf(id: number, rows: number): number {
  return id >= 0 && id < rows ? id : 0;
}

export function referenceEmbedding(table: FloatTensor, ids: IndexTensor): FloatTensor {
  const [rows, width] = table.shape;
  const count = ids.data.length;
  const y = floats([count, width]);
  for (let n = 0; n < count; n++) {
    const row = rowOf(ids.data[n], rows);
    for (let d = 0; d < width; d++) y.data[n * width + d] = table.data[row * width + d];
  }
  return y;
}

/** @returns [rows, D] */
function referenceEmbeddingGrad(ids: IndexTensor, dy: FloatTensor, rows: number): FloatTensor {
  const width = dy.shape[1];
  const dTable = floats([rows, width]);
  for (let n = 0; n < ids.data.length; n++) {
    const row = rowOf(ids.data[n], rows);
    for (let d = 0; d < width; d++) dTable.data[row * width + d] += dy.data[n * width + d];
  }
  return dTable;
}

registerCpuKernel('Embedding', (inputs) => referenceEmbedding(inputs.f('table'), inputs.i('ids')));
registerCpuKernel<{ rows: number }>('EmbeddingGrad', (inputs, { rows }) =>
  referenceEmbeddingGrad(inputs.i('ids'), inputs.f('dy'), rows),
);
