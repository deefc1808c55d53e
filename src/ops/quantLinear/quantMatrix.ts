// A frozen matrix held as its file holds it: blocks of small integers with scales, as bytes in an int32 tensor. Nothing here is
// differentiable; what reads such a matrix unpacks the part it is about to use (quantLinear, quantEmbedding).
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { StoredType } from '../../lib/blocks/blockTypes';

/** float32 is a tensor of its own. */
export type BlockName = Exclude<StoredType, 'F32'>;

export interface QuantMatrix {
  type: BlockName;
  /** [out, in] of a linear layer, [V, D] of a table */
  shape: [number, number];
  /** the rows' bytes one behind the other, filled up to whole words */
  blocks: Tensor1D;
}

export type Matrix = Tensor2D | QuantMatrix;

export const isQuantised = (matrix: Matrix): matrix is QuantMatrix => 'blocks' in matrix;
