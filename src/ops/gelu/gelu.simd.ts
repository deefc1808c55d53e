// GELU on `simd`; the work is in gelu.as.ts.
import { util } from '@tensorflow/tfjs-core';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { GeluAttrs } from './gelu';

const formOf = ({ form }: GeluAttrs) => Number(form === 'tanh');

registerSimdKernel<GeluAttrs>('Gelu', (backend, { x }, attrs) => {
  const y = backend.output(x.shape);
  backend.kernels.gelu(util.sizeFromShape(x.shape), formOf(attrs), backend.pointer(x), 0, backend.pointer(y));
  return y;
});

registerSimdKernel<GeluAttrs>('GeluGrad', (backend, { x, dy }, attrs) => {
  const dx = backend.output(x.shape);
  const [xs, dys, dxs] = [x, dy, dx].map((info) => backend.pointer(info));
  backend.kernels.geluGrad(util.sizeFromShape(x.shape), formOf(attrs), xs, 0, dys, dxs, 0);
  return dx;
});

registerSimdKernel<GeluAttrs>('GeGlu', (backend, { gate, up }, attrs) => {
  const y = backend.output(gate.shape);
  const [gates, ups, ys] = [gate, up, y].map((info) => backend.pointer(info));
  backend.kernels.gelu(util.sizeFromShape(gate.shape), formOf(attrs), gates, ups, ys);
  return y;
});

registerSimdKernel<GeluAttrs>('GeGluGrad', (backend, { gate, up, dy }, attrs) => {
  const [dGate, dUp] = [backend.output(gate.shape), backend.output(up.shape)];
  const [gates, ups, dys, dGates, dUps] = [gate, up, dy, dGate, dUp].map((info) => backend.pointer(info));
  backend.kernels.geluGrad(util.sizeFromShape(gate.shape), formOf(attrs), gates, ups, dys, dGates, dUps);
  return [dGate, dUp];
});
