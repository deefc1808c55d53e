// What a linear layer must do, on any backend.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import { checksOf, float, type OpCase, type OpSuite, type PlainInputs, readAll, toTensor } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { linear } from './linear';
import { referenceLinear } from './linear.cpu';

const SCALE = 1.5;

/** @param rank 0 = without LoRA */
function linearCase(rows: number, width: number, out: number, bias: boolean, rank: number): OpCase {
  const inputs: PlainInputs = { x: normals([rows, width], 1), w: normals([out, width], 2) };
  if (bias) inputs.bias = normals([out], 3);
  if (rank) Object.assign(inputs, { a: normals([rank, width], 4), b: normals([out, rank], 5) });
  const lora = (plain: PlainInputs) => ({ a: float(plain, 'a'), b: float(plain, 'b'), scale: SCALE });
  return {
    title: `${rows} rows, ${width} → ${out}${bias ? ', bias' : ''}${rank ? `, rank ${rank}` : ''}`,
    inputs,
    op: ({ x, w, bias, a, b }) =>
      linear(x, w as Tensor2D, {
        bias: bias as Tensor1D | undefined,
        lora: rank ? { a: a as Tensor2D, b: b as Tensor2D, scale: SCALE } : null,
      }),
    reference: (plain) => [
      referenceLinear(
        float(plain, 'x'),
        float(plain, 'w'),
        bias ? float(plain, 'bias') : null,
        rank ? lora(plain) : null,
      )[0],
    ],
    differentiable: Object.keys(inputs),
    tolerance: 1e-6,
    gradientTolerance: 2e-6,
  };
}

const sizes = [
  [1, 1, 3],
  [3, 7, 5],
  [17, 33, 9],
  [65, 17, 33],
];

/** B starts as zeros in LoRA: the layer must then be exactly the plain one. */
async function checkZeroAdapter(): Promise<void> {
  const { x, w, a } = linearCase(9, 17, 13, false, 4).inputs;
  const { values } = await readAll(() => {
    const b = toTensor(floats([13, 4])) as Tensor2D;
    const weights = toTensor(w) as Tensor2D;
    const adapted = linear(toTensor(x), weights, { lora: { a: toTensor(a) as Tensor2D, b, scale: SCALE } });
    return [linear(toTensor(x), weights), adapted];
  });
  assertClose('zero adapter', values[1], values[0], 0);
}

/** A row's result does not depend on the rows around it (to the last digits: the blocks of a product may differ). */
async function checkBatchIndependence(): Promise<void> {
  const { x, w, a, b } = linearCase(8, 65, 33, false, 3).inputs;
  const of = (rows: FloatTensor) =>
    readAll(() => {
      const lora = { a: toTensor(a) as Tensor2D, b: toTensor(b) as Tensor2D, scale: SCALE };
      return linear(toTensor(rows), toTensor(w) as Tensor2D, { lora });
    });
  const together = (await of(x as FloatTensor)).values[0];
  for (let row = 0; row < 8; row++) {
    const alone = (await of(floats([1, 65], x.data.subarray(row * 65, (row + 1) * 65)))).values[0];
    const same = Array.from(together).slice(row * 33, (row + 1) * 33);
    assertClose('1×8 = 8×1', same, alone, 1e-6, `row ${row}`);
  }
}

export const linearSuite: OpSuite = {
  op: 'linear',
  checks: [
    ...sizes
      .flatMap(([rows, width, out]) =>
        [false, true].flatMap((bias) => [0, 1, 5].map((rank) => linearCase(rows, width, out, bias, rank))),
      )
      .flatMap(checksOf),
    { title: 'an adapter with B = 0 changes nothing', run: checkZeroAdapter },
    { title: 'batch independence', run: checkBatchIndependence },
  ],
};
