// Rows of a table by index; the gradient adds rows back in the order of the indices (deterministic).
// Also used to pick the positions that carry loss out of [B·T, D]. Kernels `Embedding`, `EmbeddingGrad`.
// Forward and backward 240 × beside its composition of stock tfjs-wasm ops (npm run bench -- ops; 2 cores, 2026-11-21).
import { engine, registerGradient, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

/**
 * @param table [V, D]
 * @param ids [N] int32, 0 ≤ id < V (an id outside reads row 0 and is the caller's mistake)
 * @returns [N, D]
 */
export function embedding(table: Tensor2D, ids: Tensor): Tensor2D {
  if (ids.dtype !== 'int32') throw new RangeError(`embedding: expected int32 ids, got ${ids.dtype}.`);
  return engine().runKernel('Embedding', { table, ids });
}

registerGradient({
  kernelName: 'Embedding',
  inputsToSave: ['table', 'ids'],
  gradFunc: (dy, [table, ids]) => ({
    table: () => engine().runKernel('EmbeddingGrad', { ids, dy: dy as Tensor }, { rows: table.shape[0] }) as Tensor,
  }),
});
