// What a linear layer over blocks must do, on any backend: what `linear` does over the unpacked matrix.
import {
  getBackend,
  grads,
  mul,
  type Scalar,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { BLOCK_TYPES } from '../../lib/blocks/blockTypes';
import type { FloatTensor } from '../cpuKernel';
import { linear } from '../linear/linear';
import { referenceLinear } from '../linear/linear.cpu';
import { assertClose } from '../testing/compare';
import {
  checksOf,
  float,
  index,
  type OpCase,
  type OpSuite,
  type PlainInputs,
  readAll,
  toTensor,
} from '../testing/opSuite';
import { randomBlocks } from '../testing/randomBlocks';
import { normals } from '../testing/randomTensor';
import { linearOf } from './quantLinear';
import { unpacked } from './quantLinear.cpu';
import type { BlockName, QuantMatrix } from './quantMatrix';

const SCALE = 1.5;
type Size = [rows: number, inner: number, out: number];

const matrixOf = (type: BlockName, shape: [number, number], w: Tensor): QuantMatrix => ({
  type,
  shape,
  blocks: w as Tensor1D,
});

/** @param rank 0 = without LoRA */
function quantCase(type: BlockName, [rows, inner, out]: Size, bias = false, rank = 0): OpCase {
  const inputs: PlainInputs = { x: normals([rows, inner], 1), w: randomBlocks(type, [out, inner], 2) };
  if (bias) inputs.bias = normals([out], 3);
  if (rank) Object.assign(inputs, { a: normals([rank, inner], 4), b: normals([out, rank], 5) });
  return {
    title: `${type}, ${rows} rows, ${inner} → ${out}${bias ? ', bias' : ''}${rank ? `, rank ${rank}` : ''}`,
    inputs,
    op: ({ x, w, bias, a, b }) =>
      linearOf(x as Tensor2D, matrixOf(type, [out, inner], w), {
        bias: bias as Tensor1D | undefined,
        lora: rank ? { a: a as Tensor2D, b: b as Tensor2D, scale: SCALE } : null,
      }),
    reference: (plain) => [
      referenceLinear(
        float(plain, 'x'),
        unpacked(type, index(plain, 'w'), [out, inner]),
        bias ? float(plain, 'bias') : null,
        rank ? { a: float(plain, 'a'), b: float(plain, 'b'), scale: SCALE } : null,
      )[0],
    ],
    differentiable: Object.keys(inputs).filter((name) => name !== 'w'),
    tolerance: 2e-6,
    gradientTolerance: 4e-6,
    probes: 8,
  };
}

/** One row and many, wide groups of columns and narrow ones, several slices of the inner size: the numbers of `linear`, exactly where the order of sums is the same. */
async function checkAgainstLinear(type: BlockName, [rows, inner, out]: Size, tolerance: number): Promise<void> {
  const [words, x, dy] = [randomBlocks(type, [out, inner], 7), normals([rows, inner], 8), normals([rows, out], 9)];
  const [a, b] = [normals([3, inner], 10), normals([out, 3], 11)];
  const w = unpacked(type, words, [out, inner]);
  const { values } = await readAll(() => {
    const lora = { a: toTensor(a) as Tensor2D, b: toTensor(b) as Tensor2D, scale: SCALE };
    const weight = toTensor(dy);
    const plain = toTensor(w) as Tensor2D;
    const packed = matrixOf(type, [out, inner], toTensor(words));
    const layers = [
      (h: Tensor) => linearOf(h as Tensor2D, packed, { lora }),
      (h: Tensor) => linear(h, plain, { lora }),
    ];
    return layers.flatMap((layer) => [
      layer(toTensor(x)),
      grads((h: Tensor) => sum(mul(layer(h), weight)) as Scalar)([toTensor(x)])[0],
    ]);
  });
  assertClose('value', values[0], values[2], tolerance);
  assertClose('gradient', values[1], values[3], tolerance);
}

/** A row's result does not depend on the rows around it. */
async function checkBatchIndependence(type: BlockName): Promise<void> {
  const [words, x] = [randomBlocks(type, [70, 64], 12), normals([50, 64], 13)];
  const of = (rows: FloatTensor) =>
    readAll(() => linearOf(toTensor(rows) as Tensor2D, matrixOf(type, [70, 64], toTensor(words))));
  const together = (await of(x)).values[0];
  for (const row of [0, 1, 31, 49]) {
    const part = { shape: [1, 64], data: x.data.slice(row * 64, (row + 1) * 64) };
    const same = Array.from(together).slice(row * 70, (row + 1) * 70);
    assertClose('1×50 = 50×1', same, (await of(part)).values[0], 1e-6, `row ${row}`);
  }
}

const types = Object.keys(BLOCK_TYPES).filter((type): type is BlockName => type !== 'F32');
const widthOf = (type: BlockName) => Math.max(32, BLOCK_TYPES[type].elements);

export const quantLinearSuite: OpSuite = {
  op: 'quantLinear',
  checks: [
    ...types.map((type) => quantCase(type, [3, widthOf(type), 5])),
    quantCase('F16', [5, 7, 9], true, 2),
    quantCase('BF16', [2, 13, 11]),
    quantCase('Q4_1', [1, 64, 33], true, 0),
    quantCase('Q4_0', [7, 96, 37], false, 1),
    quantCase('Q8_0', [50, 32, 3], true, 5),
  ].flatMap(checksOf),
};
for (const [type, size] of [
  ['Q4_1', [1, 416, 100]],
  ['Q4_1', [2, 416, 70]],
  ['Q4_0', [50, 800, 110]],
  ['Q8_0', [100, 512, 97]],
  ['Q6_K', [49, 512, 40]],
  ['F16', [61, 77, 130]],
] as [BlockName, Size][]) {
  quantLinearSuite.checks.push({
    title: `${type}, ${size.join(' × ')}: as linear over the unpacked matrix`,
    slowOnSoftwareGpu: true,
    run: () => checkAgainstLinear(type, size, getBackend() === 'webgpu' ? 1e-6 : 0),
  });
}
quantLinearSuite.checks.push({ title: 'batch independence', run: () => checkBatchIndependence('Q4_1') });
