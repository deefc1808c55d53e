// The rotary embedding on `simd`; the work is in rotary.as.ts.
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { RotaryAttrs } from './rotary';

registerSimdKernel<RotaryAttrs>('Rotary', (backend, { x, positions, cos, sin }, { heads, inverse }) => {
  const [rows, width] = x.shape;
  const y = backend.output(x.shape);
  const [xs, at, cosines, sines, ys] = [x, positions, cos, sin, y].map((info) => backend.pointer(info));
  backend.kernels.rotary(rows, heads, width / heads, cos.shape[1], inverse ? -1 : 1, xs, at, cosines, sines, ys);
  return y;
});
