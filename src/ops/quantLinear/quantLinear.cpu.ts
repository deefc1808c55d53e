// The truth of the linear layer over blocks: the reference linear layer over the unpacked matrix.
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { dequantise } from '../../lib/blocks/dequantise';
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';
import { referenceGemm } from '../gemm/gemm.cpu';
import { referenceLinear } from '../linear/linear.cpu';
import type { QuantAttrs } from './quantLinear';
import type { BlockName } from './quantMatrix';

/** The float32 numbers of a matrix in blocks. */
export function unpacked(type: BlockName, blocks: IndexTensor, shape: [number, number]): FloatTensor {
  const { buffer, byteOffset, byteLength } = blocks.data;
  const out = new Float32Array(shape[0] * shape[1] + 256);
  dequantise(type, new Uint8Array(buffer, byteOffset, byteLength), out);
  return floats(shape, out.subarray(0, shape[0] * shape[1]));
}

for (const bias of [false, true]) {
  for (const lora of [false, true]) {
    registerCpuKernel<QuantAttrs>(`QuantLinear${bias ? 'Bias' : ''}${lora ? 'Lora' : ''}`, (inputs, attrs) => {
      const w = unpacked(attrs.type, inputs.i('w'), [attrs.out, attrs.in]);
      const low = lora ? { a: inputs.f('a'), b: inputs.f('b'), scale: attrs.scale } : null;
      const outputs = referenceLinear(inputs.f('x'), w, bias ? inputs.f('bias') : null, low);
      return lora ? outputs : outputs[0];
    });
  }
}

registerCpuKernel<QuantAttrs>('QuantLinearGradInput', (inputs, attrs) => {
  const plain = { transposeA: false, transposeB: false, alpha: 1 };
  const dx = referenceGemm(inputs.f('dy'), unpacked(attrs.type, inputs.i('w'), [attrs.out, attrs.in]), plain);
  if (inputs.names.includes('dh')) {
    const low = referenceGemm(inputs.f('dh'), inputs.f('a'), plain);
    for (let i = 0; i < dx.data.length; i++) dx.data[i] += low.data[i];
  }
  return dx;
});

// In place, so not a function of plain tensors.
registerKernel({
  kernelName: 'WriteBytes',
  backendName: 'cpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const cpu = backend as MathBackendCPU;
    const target = inputs.target as TensorInfo;
    const values = cpu.data.get(target.dataId).values as Int32Array;
    const { offset, bytes } = attrs as unknown as { offset: number; bytes: Uint8Array };
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes, offset);
    cpu.incRef(target.dataId);
    return { dataId: target.dataId, shape: target.shape, dtype: target.dtype };
  },
});
