// The linear layer over blocks for `webgpu`: the products of gemm.wgsl.ts, whose tiles of W are unpacked as they are loaded. What is
// resident are the file's bytes: two per number for f16 and bf16, about half a one for four bits; sums are in float32.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { declareGemm, runGemm } from '../gemm/gemm.wgsl';
import type { QuantAttrs } from './quantLinear';
import type { BlockName } from './quantMatrix';

const matrixOf = (blocks: TensorInfo, { type, out, in: width }: QuantAttrs) => ({ blocks, type, shape: [out, width] });

for (const bias of [false, true]) {
  const name = `QuantLinear${bias ? 'Bias' : ''}`;
  registerGpuKernel<QuantAttrs>(name, (backend, { x, w, bias: row }, attrs) =>
    runGemm(backend, { a: x, b: matrixOf(w, attrs), transposeB: true, bias: row ?? null }),
  );
  registerGpuKernel<QuantAttrs>(`${name}Lora`, (backend, { x, w, bias: row, a, b }, attrs) => {
    const h = runGemm(backend, { a: x, b: a, transposeB: true });
    const second = { a: h, b, scale: attrs.scale };
    return [runGemm(backend, { a: x, b: matrixOf(w, attrs), transposeB: true, bias: row ?? null, second }), h];
  });
}

registerGpuKernel<QuantAttrs>('QuantLinearGradInput', (backend, { dy, w, dh, a }, attrs) =>
  runGemm(backend, { a: dy, b: matrixOf(w, attrs), second: dh && a ? { a: dh, b: a, scale: 1 } : null }),
);

registerGpuKernel<{ offset: number; bytes: Uint8Array }>('WriteBytes', (backend, { target }, { offset, bytes }) =>
  backend.writeBytes(target, offset, bytes),
);

/** Put into the list of programs for the compile sweep; other forms are compiled when they come. */
const SWEPT: BlockName[] = [
  'F16',
  'BF16',
  'Q4_0',
  'Q4_1',
  'Q5_0',
  'Q5_1',
  'Q8_0',
  'Q2_K',
  'Q3_K',
  'Q4_K',
  'Q5_K',
  'Q6_K',
];
for (const type of [...SWEPT, 'IQ4_NL', 'IQ4_XS'] as BlockName[]) {
  declareGemm({ transposeA: false, transposeB: true, second: false, bias: false, type });
  if (type === 'Q4_0') declareGemm({ transposeA: false, transposeB: false, second: true, bias: false, type });
}
