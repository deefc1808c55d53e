// What RMSNorm must do, on any backend.
import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { FloatTensor } from '../cpuKernel';
import { checksOf, float, type OpCase, type OpSuite } from '../testing/opSuite';
import { constants, normals } from '../testing/randomTensor';
import { rmsNorm } from './rmsNorm';
import { referenceRmsNorm } from './rmsNorm.cpu';

function rmsNormCase(title: string, x: FloatTensor, eps = 1e-5): OpCase {
  return {
    title,
    inputs: { x, weight: normals([x.shape[1]], 2) },
    op: ({ x, weight }) => rmsNorm(x, weight as Tensor1D, eps),
    reference: (inputs) => [referenceRmsNorm(float(inputs, 'x'), float(inputs, 'weight'), eps)],
    differentiable: ['x', 'weight'],
    tolerance: 1e-6,
    gradientTolerance: 2e-6,
  };
}

const zeroRows = normals([5, 17], 3);
zeroRows.data.fill(0, 0, 17);
zeroRows.data.fill(0, 51, 68);

export const rmsNormSuite: OpSuite = {
  op: 'rmsNorm',
  checks: [
    ...[
      [3, 7],
      [17, 33],
      [65, 65],
      [131, 128],
    ].map((shape) => rmsNormCase(`[${shape}]`, normals(shape, 1))),
    // One number per row: without a large eps its gradient is a difference of equals.
    rmsNormCase('[1,1]', normals([1, 1], 1), 0.5),
    rmsNormCase('rows of zeros', zeroRows, 1e-3),
    rmsNormCase('numbers around 1e4', normals([7, 31], 4, 1e4)),
    rmsNormCase('equal numbers', constants([3, 9], 2.5)),
  ].flatMap(checksOf),
};
