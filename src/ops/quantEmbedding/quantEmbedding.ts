// Rows of a frozen table by index, whichever way the table is held. Blocks are unpacked row by row. Kernel `QuantEmbedding`.
import { engine, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { embedding } from '../embedding/embedding';
import { type BlockName, isQuantised, type Matrix } from '../quantLinear/quantMatrix';

export interface QuantTableAttrs {
  type: BlockName;
  rows: number;
  width: number;
}

/**
 * @param table [V, D]
 * @param ids [N] int32, 0 ≤ id < V (an id outside reads row 0 and is the caller's mistake)
 * @returns [N, D]; in blocks nothing to differentiate
 */
export function embeddingOf(table: Matrix, ids: Tensor): Tensor2D {
  if (!isQuantised(table)) return embedding(table, ids);
  if (ids.dtype !== 'int32') throw new RangeError(`embeddingOf: expected int32 ids, got ${ids.dtype}.`);
  const [rows, width] = table.shape;
  return engine().runKernel('QuantEmbedding', { table: table.blocks, ids }, { type: table.type, rows, width });
}
