// LayerNorm on `simd`; the work is in layerNorm.as.ts.
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { LayerNormAttrs } from './layerNorm';

registerSimdKernel<LayerNormAttrs>('LayerNorm', (backend, { x, weight, bias }, { eps }) => {
  const [rows, width] = x.shape;
  const y = backend.output(x.shape);
  const [xs, weights, biases, ys] = [x, weight, bias, y].map((info) => backend.pointer(info));
  backend.kernels.layerNorm(rows, width, eps, xs, weights, biases, ys);
  return y;
});

registerSimdKernel<LayerNormAttrs>('LayerNormGradInput', (backend, { x, weight, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const dx = backend.output(x.shape);
  const [xs, weights, dys, dxs] = [x, weight, dy, dx].map((info) => backend.pointer(info));
  backend.kernels.layerNormGradInput(rows, width, eps, xs, weights, dys, dxs);
  return dx;
});

registerSimdKernel<LayerNormAttrs>('LayerNormGradWeight', (backend, { x, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const dWeight = backend.output([width]);
  const partials = backend.workspace(4 * backend.kernels.layerNormPartials(rows, width));
  const [xs, dys, dWeights] = [x, dy, dWeight].map((info) => backend.pointer(info));
  backend.kernels.layerNormGradWeight(rows, width, eps, xs, dys, partials, dWeights);
  return dWeight;
});
