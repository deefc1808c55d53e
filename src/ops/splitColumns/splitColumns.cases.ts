// What taking columns apart must do, on any backend: the very same numbers, forward and back.
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { checksOf, float, type OpCase, type OpSuite } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { splitColumns } from './splitColumns';
import { referenceSplitColumns } from './splitColumns.cpu';

function splitCase(title: string, rows: number, widths: number[], groups = 1): OpCase {
  const total = widths.reduce((sum, width) => sum + width, 0);
  return {
    title,
    inputs: { x: normals([rows, groups * total], 1) },
    op: ({ x }) => splitColumns(x as Tensor2D, widths, groups),
    reference: (inputs) => referenceSplitColumns(float(inputs, 'x'), { widths, groups }),
    differentiable: ['x'],
    tolerance: 0,
    gradientTolerance: 1e-7,
  };
}

export const splitColumnsSuite: OpSuite = {
  op: 'splitColumns',
  checks: [
    splitCase('gate and up', 17, [33, 33]),
    splitCase('queries of four heads, keys and values of two', 9, [20, 10, 10]),
    splitCase('head by head', 65, [7, 7, 7], 5),
    splitCase('one row of one number each', 1, [1, 1]),
    splitCase('long rows', 131, [300, 12, 1], 2),
  ].flatMap(checksOf),
};
