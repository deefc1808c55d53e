// What a matrix product must be, on any backend.
import { floats } from '../cpuKernel';
import { checksOf, float, type OpCase, type OpSuite } from '../testing/opSuite';
import { constants, normals } from '../testing/randomTensor';
import { gemm } from './gemm';
import { referenceGemm } from './gemm.cpu';

function gemmCase(m: number, k: number, n: number, transposeA: boolean, transposeB: boolean, alpha = 1): OpCase {
  return {
    title: `${m}×${k}${transposeA ? ' (stored transposed)' : ''} by ${k}×${n}${transposeB ? ' (stored transposed)' : ''}${alpha === 1 ? '' : `, times ${alpha}`}`,
    inputs: { a: normals(transposeA ? [k, m] : [m, k], 1), b: normals(transposeB ? [n, k] : [k, n], 2) },
    op: ({ a, b }) => gemm(a, b, { transposeA, transposeB, alpha }),
    reference: (inputs) => [referenceGemm(float(inputs, 'a'), float(inputs, 'b'), { transposeA, transposeB, alpha })],
    // 517 products summed in float32, in any order.
    tolerance: 2e-6,
  };
}

const sizes = [
  [1, 1, 1],
  [1, 7, 3],
  [3, 1, 5],
  [3, 65, 17],
  [17, 33, 1],
  [33, 17, 65],
  [64, 64, 64],
  [65, 129, 33],
  [2, 517, 5],
  [131, 6, 9],
];

const zeros: OpCase = {
  ...gemmCase(5, 9, 7, false, false),
  title: 'a matrix of zeros',
  inputs: { a: constants([5, 9], 0), b: normals([9, 7], 3) },
};

/** An infinity stays in its row: kernels that pad with zeros must not turn it into NaN elsewhere. */
const infinite: OpCase = {
  ...gemmCase(3, 5, 7, false, false),
  title: 'an infinity stays in its row',
  inputs: {
    a: floats([3, 5], [1, 2, 3, 4, 5, 1, Number.POSITIVE_INFINITY, 1, 1, 1, -1, -2, -3, -4, -5]),
    b: constants([5, 7], 1),
  },
};

export const gemmSuite: OpSuite = {
  op: 'gemm',
  checks: [
    ...sizes.flatMap(([m, k, n]) =>
      [false, true].flatMap((transposeA) =>
        [false, true].map((transposeB) => gemmCase(m, k, n, transposeA, transposeB)),
      ),
    ),
    gemmCase(17, 33, 9, false, true, 0.25),
    gemmCase(17, 33, 9, true, false, -2.5),
    zeros,
    infinite,
  ].flatMap(checksOf),
};
