// What LayerNorm must do, on any backend.
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats } from '../cpuKernel';
import { checksOf, float, type OpCase, type OpSuite } from '../testing/opSuite';
import { constants, normals } from '../testing/randomTensor';
import { layerNorm } from './layerNorm';
import { referenceLayerNorm } from './layerNorm.cpu';

function layerNormCase(title: string, x: FloatTensor, eps = 1e-5, tolerance = 1e-6): OpCase {
  return {
    title,
    inputs: { x, weight: normals([x.shape[1]], 2), bias: normals([x.shape[1]], 3) },
    op: ({ x, weight, bias }) => layerNorm(x, weight as Tensor1D, bias as Tensor1D, eps),
    reference: (inputs) => [
      referenceLayerNorm(float(inputs, 'x'), float(inputs, 'weight'), float(inputs, 'bias'), eps),
    ],
    differentiable: ['x', 'weight', 'bias'],
    tolerance,
    gradientTolerance: 2 * tolerance,
  };
}

/** Rows around 100 with a spread of 1. */
const shifted = floats(
  [5, 37],
  normals([5, 37], 4).data.map((value) => Math.fround(value + 100)),
);

export const layerNormSuite: OpSuite = {
  op: 'layerNorm',
  checks: [
    ...[
      [3, 7],
      [17, 33],
      [65, 65],
      [131, 128],
    ].map((shape) => layerNormCase(`[${shape}]`, normals(shape, 1))),
    layerNormCase('[1,1]: nothing but the bias', normals([1, 1], 1), 0.5),
    // Beyond, the difference quotient of the reference has too few digits.
    layerNormCase('numbers around 300', normals([7, 31], 4, 300)),
    // float32 knows a mean of 100 to 4e-6 of the spread.
    layerNormCase('rows far from zero', shifted, 1e-5, 1e-5),
    layerNormCase('equal numbers', constants([3, 9], 2.5), 1e-3),
  ].flatMap(checksOf),
};
