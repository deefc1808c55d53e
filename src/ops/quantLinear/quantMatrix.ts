// A frozen matrix held as its file holds it: blocks of small integers with scales, as bytes in an int32 tensor. Nothing here is
// differentiable; what reads such a matrix unpacks the part it is about to use (quantLinear, quantEmbedding).
import { engine, fill, keep, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { rowBytes, type StoredType } from '../../lib/blocks/blockTypes';

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

/** Room for a matrix; `writeRows` fills it. Kept until disposed of by hand. */
export function createQuantMatrix(type: BlockName, shape: [number, number]): QuantMatrix {
  const words = Math.ceil((shape[0] * rowBytes(type, shape[1])) / 4);
  return { type, shape, blocks: keep(fill([words], 0, 'int32')) as Tensor1D };
}

/** Puts the raw bytes of some whole rows into place. */
export function writeRows(matrix: QuantMatrix, firstRow: number, bytes: Uint8Array): void {
  const perRow = rowBytes(matrix.type, matrix.shape[1]);
  const room = (matrix.shape[0] - firstRow) * perRow;
  if (bytes.byteLength % perRow !== 0 || firstRow < 0 || bytes.byteLength > room) {
    throw new RangeError(
      `writeRows: expected whole rows of ${perRow} bytes, at most ${room} bytes from row ${firstRow} on, got ${bytes.byteLength}.`,
    );
  }
  const attrs = { offset: firstRow * perRow, bytes: bytes as never };
  (engine().runKernel('WriteBytes', { target: matrix.blocks }, attrs) as Tensor).dispose();
}

export const disposeMatrix = ({ blocks }: QuantMatrix): void => blocks.dispose();
