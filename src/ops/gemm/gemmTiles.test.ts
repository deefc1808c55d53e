// Both texts of the WGSL product against the reference: straight from the matrices (what a software adapter takes) and through
// panels in workgroup memory (what a GPU takes), with tiles of both sizes and slices of a long inner size.
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startForTests, type TestDevice } from '../../backend/webgpu/startForTests';
import { type FloatTensor, floats } from '../cpuKernel';
import { referenceLinear } from '../linear/linear.cpu';
import '../registerWebgpu';
import { unpacked } from '../quantLinear/quantLinear.cpu';
import { assertClose } from '../testing/compare';
import { type PlainInputs, toTensor } from '../testing/opSuite';
import { randomBlocks } from '../testing/randomBlocks';
import { normals } from '../testing/randomTensor';
import { referenceGemm } from './gemm.cpu';

let device: TestDevice | null = null;
let reason = '';
beforeAll(async () => {
  ({ device, reason } = await startForTests());
});
afterAll(() => device?.stop());

async function matches(kernel: string, inputs: PlainInputs, attrs: object, want: FloatTensor[]) {
  const tensors = Object.entries(inputs).map(([name, plain]) => [name, toTensor(plain)]);
  const result = engine().runKernel(kernel, Object.fromEntries(tensors), { ...attrs }) as Tensor | Tensor[];
  const outputs = Array.isArray(result) ? result : [result];
  expect(outputs.map(({ shape }) => shape)).toEqual(want.map(({ shape }) => shape));
  for (const [i, output] of outputs.entries()) {
    assertClose(kernel, await output.data(), want[i].data, 2e-6, `${JSON.stringify(attrs)} output ${i}`);
  }
}

/** m, n, inner: one element; odd; several tiles; long enough for slices; enough tiles of 32, and of 64, for these. */
const sizes = [
  [1, 1, 1],
  [3, 5, 7],
  [33, 17, 65],
  [8, 40, 517],
  [258, 259, 9],
  [961, 963, 3],
];

describe.each([
  ['through panels', false],
  ['directly', true],
] as const)('%s', (_, isSoftware) => {
  test('A·B, A·Bᵀ, Aᵀ·B, Aᵀ·Bᵀ', async ({ skip }) => {
    if (!device) return skip(reason);
    device.backend.isSoftware = isSoftware;
    for (const [m, n, k] of sizes) {
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          // Both ways to load each of the two, once: a second of SwiftShader's time per product.
          if (m > 900 && transposeA !== transposeB) continue;
          const a = normals(transposeA ? [k, m] : [m, k], 1);
          const b = normals(transposeB ? [n, k] : [k, n], 2);
          const attrs = { transposeA, transposeB, alpha: 0.7 };
          await matches('Gemm', { a, b }, attrs, [referenceGemm(a, b, attrs)]);
        }
      }
    }
  });

  test('bias and low-rank path', async ({ skip }) => {
    if (!device) return skip(reason);
    device.backend.isSoftware = isSoftware;
    for (const [n, out, inner, r] of [
      [1, 1, 1, 1],
      [5, 9, 7, 3],
      [37, 65, 33, 8],
    ]) {
      const [x, w, bias] = [normals([n, inner], 1), normals([out, inner], 2), normals([out], 3)];
      const [a, b] = [normals([r, inner], 4), normals([out, r], 5)];
      const lora = { a, b, scale: 2 };
      await matches('LinearBias', { x, w, bias }, {}, referenceLinear(x, w, bias, null));
      await matches('LinearLora', { x, w, a, b }, { scale: 2 }, referenceLinear(x, w, null, lora));
      await matches('LinearBiasLora', { x, w, bias, a, b }, { scale: 2 }, referenceLinear(x, w, bias, lora));
      const [dy, dh] = [normals([n, out], 6), normals([n, r], 7)];
      const plain = { transposeA: false, transposeB: false, alpha: 1 };
      const [base, low] = [referenceGemm(dy, w, plain), referenceGemm(dh, a, plain)];
      const want = floats(
        [n, inner],
        base.data.map((value, i) => value + low.data[i]),
      );
      await matches('LinearGradInput', { dy, w, dh, a }, {}, [want]);
    }
  });

  test('a frozen matrix in blocks', async ({ skip }) => {
    if (!device) return skip(reason);
    device.backend.isSoftware = isSoftware;
    const type = 'Q4_1';
    const [n, out, inner] = [37, 96, 64];
    const attrs = { type, out, in: inner, scale: 0 };
    const w = randomBlocks(type, [out, inner], 3);
    const [x, dy] = [normals([n, inner], 1), normals([n, out], 2)];
    const plain = unpacked(type, w, [out, inner]);
    const forward = { transposeA: false, transposeB: true, alpha: 1 };
    await matches('QuantLinear', { x, w }, attrs, [referenceGemm(x, plain, forward)]);
    const back = [referenceGemm(dy, plain, { ...forward, transposeB: false })];
    await matches('QuantLinearGradInput', { dy, w }, attrs, back);
  });
});
