// What the residual sum must do, on any backend.
import { memory, type Scalar, sum, type Tensor } from '@tensorflow/tfjs-core';
import { gradients } from '../backward';
import { assertClose } from '../testing/compare';
import { checksOf, float, type OpCase, type OpSuite, toTensor } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { residual } from './residual';
import { referenceResidual } from './residual.cpu';

function residualCase(shape: number[]): OpCase {
  return {
    title: `[${shape}]`,
    inputs: { x: normals(shape, 1), y: normals(shape, 2) },
    op: ({ x, y }) => residual(x, y),
    reference: (inputs) => [referenceResidual(float(inputs, 'x'), float(inputs, 'y'))],
    differentiable: ['x', 'y'],
    tolerance: 1e-7,
  };
}

/** x + x, and a chain of sums: every gradient arrives once, and nothing is left behind. */
async function checkChain(): Promise<void> {
  const x = toTensor(normals([3, 5], 3));
  const before = memory().numTensors;
  const { value, grads } = gradients(() => {
    const twice = residual(x, x);
    return sum(residual(residual(twice, x), twice)) as Scalar;
  }, [x]);
  assertClose('gradient', await grads[0].data(), new Float64Array(15).fill(5), 0);
  for (const t of [value, ...grads] as Tensor[]) t.dispose();
  const left = memory().numTensors - before;
  x.dispose();
  if (left !== 0) throw new Error(`expected every tensor to be disposed, ${left} were left.`);
}

async function checkShapes(): Promise<void> {
  try {
    residual(toTensor(normals([2, 3], 4)), toTensor(normals([3], 5)));
  } catch (error) {
    if (error instanceof RangeError) return;
  }
  throw new Error('expected a refusal of different shapes, there was none.');
}

export const residualSuite: OpSuite = {
  op: 'residual',
  checks: [
    ...[
      [1, 1],
      [3, 7],
      [65, 129],
      [2, 16384],
    ]
      .map(residualCase)
      .flatMap(checksOf),
    { title: 'a chain of sums', run: checkChain },
    { title: 'different shapes are refused', run: checkShapes },
  ],
};
