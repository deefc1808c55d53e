// What the rotary embedding must do, on any backend.
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats, type IndexTensor, indices } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import { checksOf, float, index, type OpCase, type OpSuite, readAll, toTensor } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { rotary } from './rotary';
import { referenceRotary } from './rotary.cpu';

/** Angles position / 10000^(i / half), as float32. */
function angles(positions: number, half: number, of: (angle: number) => number): FloatTensor {
  const data = Array.from({ length: positions * half }, (_, n) =>
    Math.fround(of(Math.floor(n / half) / 10000 ** ((n % half) / half))),
  );
  return floats([positions, half], data);
}

function rotaryCase(title: string, positions: number[], heads: number, headDim: number, half: number): OpCase {
  const table = Math.max(...positions) + 1;
  return {
    title,
    inputs: {
      x: normals([positions.length, heads * headDim], 1),
      positions: indices([positions.length], positions),
      cos: angles(table, half, Math.cos),
      sin: angles(table, half, Math.sin),
    },
    op: ({ x, positions, cos, sin }) => rotary(x, positions, { cos: cos as Tensor2D, sin: sin as Tensor2D }, heads),
    reference: (inputs) => [
      referenceRotary(float(inputs, 'x'), index(inputs, 'positions'), float(inputs, 'cos'), float(inputs, 'sin'), {
        heads,
        inverse: false,
      }),
    ],
    differentiable: ['x'],
    tolerance: 1e-6,
  };
}

const upTo = (n: number, step = 1) => Array.from({ length: n }, (_, i) => (i * step) % 41);

/** Position 0 turns nothing: the very same numbers come back. */
async function checkPositionZero(): Promise<void> {
  const x = normals([3, 12], 5);
  const { values } = await readAll(() => {
    const table = { cos: tensor2d([[1, 1, 1]]), sin: tensor2d([[0, 0, 0]]) };
    return rotary(toTensor(x), toTensor(indices([3], [0, 0, 0])), table, 2);
  });
  assertClose('position 0', values[0], x.data, 0);
}

/** Two rows hold the same vector at the same position in different places of the batch. */
const samePosition: IndexTensor = indices([4], [3, 9, 3, 9]);

export const rotarySuite: OpSuite = {
  op: 'rotary',
  checks: [
    ...[
      rotaryCase('one row, one pair', [5], 1, 2, 1),
      rotaryCase('17 rows, 3 heads of 6', upTo(17), 3, 6, 3),
      rotaryCase('33 rows, 4 heads of 32', upTo(33, 7), 4, 32, 16),
      rotaryCase('half smaller than half a head: the rest passes through', upTo(7, 3), 2, 11, 4),
      rotaryCase('one dimension passes through', upTo(5), 2, 7, 3),
      rotaryCase('a head of 10, not a multiple of 4', upTo(65, 5), 5, 10, 5),
      rotaryCase('repeated positions', [...samePosition.data], 2, 8, 4),
    ].flatMap(checksOf),
    { title: 'position 0 changes nothing', run: checkPositionZero },
  ],
};
