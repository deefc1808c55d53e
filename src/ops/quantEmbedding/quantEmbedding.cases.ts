// What an embedding from blocks must do, on any backend: copy rows of the unpacked table, to the last bit.
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { BLOCK_TYPES } from '../../lib/blocks/blockTypes';
import { indices } from '../cpuKernel';
import { referenceEmbedding } from '../embedding/embedding.cpu';
import { unpacked } from '../quantLinear/quantLinear.cpu';
import type { BlockName } from '../quantLinear/quantMatrix';
import { checksOf, index, type OpCase, type OpSuite } from '../testing/opSuite';
import { randomBlocks } from '../testing/randomBlocks';
import { randomIndices } from '../testing/randomTensor';
import { embeddingOf } from './quantEmbedding';

function tableCase(type: BlockName, shape: [number, number], ids: number[]): OpCase {
  return {
    title: `${type} [${shape}], ${ids.length} ids`,
    inputs: { table: randomBlocks(type, shape, 1), ids: indices([ids.length], ids) },
    op: ({ table, ids }) => embeddingOf({ type, shape, blocks: table as Tensor1D }, ids),
    reference: (inputs) => [referenceEmbedding(unpacked(type, index(inputs, 'table'), shape), index(inputs, 'ids'))],
    tolerance: 0,
  };
}

const types = Object.keys(BLOCK_TYPES).filter((type): type is BlockName => type !== 'F32');

export const quantEmbeddingSuite: OpSuite = {
  op: 'quantEmbedding',
  checks: [
    ...types.map((type) => tableCase(type, [7, 512], [6, 0, 3, 3])),
    tableCase('F16', [5, 7], [4, 4, 1]),
    tableCase('Q4_1', [65, 96], [...randomIndices([333], 65, 3).data]),
    tableCase('Q8_0', [5, 32], [-1, 5, 2, 1 << 30]),
  ].flatMap((item) => checksOf(item)),
};
