// What the embedding must do, on any backend.
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { indices } from '../cpuKernel';
import { checksOf, float, index, type OpCase, type OpSuite } from '../testing/opSuite';
import { normals, randomIndices } from '../testing/randomTensor';
import { embedding } from './embedding';
import { referenceEmbedding } from './embedding.cpu';

function embeddingCase(title: string, table: number[], ids: number[]): OpCase {
  return {
    title,
    inputs: { table: normals(table, 1), ids: indices([ids.length], ids) },
    op: ({ table, ids }) => embedding(table as Tensor2D, ids),
    reference: (inputs) => [referenceEmbedding(float(inputs, 'table'), index(inputs, 'ids'))],
    differentiable: ['table'],
    tolerance: 1e-6,
  };
}

/** The value is a copy: no rounding at all. */
const exact = (item: OpCase): OpCase => ({ ...item, tolerance: 0, gradientTolerance: item.tolerance });

export const embeddingSuite: OpSuite = {
  op: 'embedding',
  checks: [
    embeddingCase('one row of one number', [1, 1], [0]),
    embeddingCase('7 rows of 3', [7, 3], [6, 0, 3]),
    embeddingCase('the same row many times', [5, 17], [2, 2, 2, 4, 2, 2, 0, 2]),
    embeddingCase('ids outside the table mean row 0', [5, 3], [-1, 5, 2, 1 << 30, -100]),
    embeddingCase('vocabulary 65, width 33', [65, 33], [...randomIndices([129], 65, 3).data]),
    embeddingCase('few rows picked out of many', [130, 20], [129, 1, 64, 0]),
  ].flatMap((item) => checksOf(exact(item))),
};
