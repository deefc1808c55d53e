// What SwiGLU must do, on any backend.
import { type FloatTensor, floats } from '../cpuKernel';
import { checksOf, float, type OpCase, type OpSuite } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { swiglu } from './swiglu';
import { referenceSwiglu } from './swiglu.cpu';

function swigluCase(title: string, gate: FloatTensor): OpCase {
  return {
    title,
    inputs: { gate, up: normals(gate.shape, 2) },
    op: ({ gate, up }) => swiglu(gate, up),
    reference: (inputs) => [referenceSwiglu(float(inputs, 'gate'), float(inputs, 'up'))],
    differentiable: ['gate', 'up'],
    tolerance: 1e-6,
  };
}

export const swigluSuite: OpSuite = {
  op: 'swiglu',
  checks: [
    ...[
      [1, 1],
      [3, 7],
      [17, 33],
      [65, 129],
    ].map((shape) => swigluCase(`[${shape}]`, normals(shape, 1))),
    swigluCase('gates of ±1e-6 … ±0.1', floats([2, 3], [1e-6, -1e-6, 1e-3, -1e-3, 0.1, -0.1].map(Math.fround))),
    swigluCase('gates of −80 … −120: nothing comes through', floats([1, 6], [1, -80, -87.5, -90, -104, -120])),
    swigluCase('gates of 80 … 200: all comes through', floats([1, 5], [80, 88.5, 90, 120, 200])),
    swigluCase('gates of zero', floats([1, 3])),
  ].flatMap(checksOf),
};
