// Columns apart and together for `webgpu`: one launch per part, one thread per element.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram } from '../../backend/webgpu/gpuProgram';
import { partName, type SplitAttrs } from './splitColumns';

const copy = (join: boolean): GpuProgram =>
  defineProgram(join ? 'JoinColumns' : 'SplitColumns', () => ({
    storage: join ? { part: 'f32', x: 'f32 out' } : { x: 'f32', part: 'f32 out' },
    parameters: { size: 'u32', total: 'u32', first: 'u32', width: 'u32' },
    body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    let at = i / params.width * params.total + params.first + i % params.width;
    ${join ? 'x[at] = part[i];' : 'part[i] = x[at];'}
  }`,
  }));
for (const join of [false, true]) copy(join);

function copyParts(backend: GpuBackend, x: TensorInfo, parts: TensorInfo[], attrs: SplitAttrs, join: boolean): void {
  const total = attrs.widths.reduce((sum, width) => sum + width, 0);
  let first = 0;
  attrs.widths.forEach((width, i) => {
    const size = x.shape[0] * attrs.groups * width;
    const tensors = join ? [parts[i], x] : [x, parts[i]];
    if (size > 0) backend.run(copy(join), tensors, { size, total, first, width }, Math.ceil(size / 64));
    first += width;
  });
}

registerGpuKernel<SplitAttrs>('SplitColumns', (backend, { x }, attrs) => {
  const parts = attrs.widths.map((width) => backend.output([x.shape[0], attrs.groups * width]));
  copyParts(backend, x, parts, attrs, false);
  return parts;
});

registerGpuKernel<SplitAttrs>('JoinColumns', (backend, inputs, attrs) => {
  const parts = attrs.widths.map((_, i) => inputs[partName(i)]);
  const x = backend.output([parts[0].shape[0], parts.reduce((sum, { shape }) => sum + shape[1], 0)]);
  copyParts(backend, x, parts, attrs, true);
  return x;
});
