// What GELU and GeGLU must do, on any backend.
import { type FloatTensor, floats } from '../cpuKernel';
import { checksOf, float, type OpCase, type OpSuite } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { type GeluForm, geglu, gelu } from './gelu';
import { referenceGeglu, referenceGelu } from './gelu.cpu';

const plainCase = (title: string, form: GeluForm, x: FloatTensor): OpCase => ({
  title: `${form}, ${title}`,
  inputs: { x },
  op: (inputs) => gelu(inputs.x, form),
  reference: (inputs) => [referenceGelu(float(inputs, 'x'), form)],
  differentiable: ['x'],
  tolerance: 1e-6,
});

const gatedCase = (title: string, form: GeluForm, gate: FloatTensor): OpCase => ({
  title: `gated, ${form}, ${title}`,
  inputs: { gate, up: normals(gate.shape, 2) },
  op: (inputs) => geglu(inputs.gate, inputs.up, form),
  reference: (inputs) => [referenceGeglu(float(inputs, 'gate'), float(inputs, 'up'), form)],
  differentiable: ['gate', 'up'],
  tolerance: 1e-6,
});

const small = floats([2, 3], [1e-6, -1e-6, 1e-3, -1e-3, 0.1, -0.1].map(Math.fround));
const far = floats([1, 9], [1, -2, -3.5, -5, -8, -14, -40, -100, -1e4]);
const near = floats([1, 7], [0, 2, 3.5, 5, 14, 100, 1e4]);

export const geluSuite: OpSuite = {
  op: 'gelu',
  checks: (['erf', 'tanh'] as const)
    .flatMap((form) => [
      ...[
        [1, 1],
        [3, 7],
        [17, 33],
        [65, 129],
      ].flatMap((shape) => [
        plainCase(`[${shape}]`, form, normals(shape, 1, 2)),
        gatedCase(`[${shape}]`, form, normals(shape, 1)),
      ]),
      plainCase('±1e-6 … ±0.1', form, small),
      plainCase('far below zero: nothing comes through', form, far),
      plainCase('far above zero: all comes through', form, near),
      gatedCase('far below zero', form, far),
    ])
    .flatMap(checksOf),
};
