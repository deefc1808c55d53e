// Columns apart and together on `simd`; the copying is in splitColumns.as.ts.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { partName, type SplitAttrs } from './splitColumns';

function copyParts(backend: SimdBackend, x: TensorInfo, parts: TensorInfo[], attrs: SplitAttrs, join: boolean): void {
  const total = attrs.widths.reduce((sum, width) => sum + width, 0);
  const count = x.shape[0] * attrs.groups;
  let first = 0;
  attrs.widths.forEach((width, i) => {
    const [xs, part] = [backend.pointer(x), backend.pointer(parts[i])];
    backend.kernels.splitColumns(count, total, first, width, Number(join), xs, part);
    first += width;
  });
}

registerSimdKernel<SplitAttrs>('SplitColumns', (backend, { x }, attrs) => {
  const parts = attrs.widths.map((width) => backend.output([x.shape[0], attrs.groups * width]));
  copyParts(backend, x, parts, attrs, false);
  return parts;
});

registerSimdKernel<SplitAttrs>('JoinColumns', (backend, inputs, attrs) => {
  const parts = attrs.widths.map((_, i) => inputs[partName(i)]);
  const x = backend.output([parts[0].shape[0], parts.reduce((sum, { shape }) => sum + shape[1], 0)]);
  copyParts(backend, x, parts, attrs, true);
  return x;
});
