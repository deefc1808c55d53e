// RMSNorm on `simd`; the work is in rmsNorm.as.ts.
import { registerSimdKernel } from '../../backend/simd/simdKernel';

interface Attrs {
  eps: number;
}

registerSimdKernel<Attrs>('RmsNorm', (backend, { x, weight }, { eps }) => {
  const [rows, width] = x.shape;
  const y = backend.output(x.shape);
  backend.kernels.rmsNorm(rows, width, eps, backend.pointer(x), backend.pointer(weight), backend.pointer(y));
  return y;
});

registerSimdKernel<Attrs>('RmsNormGradInput', (backend, { x, weight, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const dx = backend.output(x.shape);
  const [xs, weights, dys, dxs] = [x, weight, dy, dx].map((info) => backend.pointer(info));
  backend.kernels.rmsNormGradInput(rows, width, eps, xs, weights, dys, dxs);
  return dx;
});

registerSimdKernel<Attrs>('RmsNormGradWeight', (backend, { x, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const dWeight = backend.output([width]);
  const partials = backend.workspace(4 * backend.kernels.rmsNormPartials(rows, width));
  const [xs, dys, dWeights] = [x, dy, dWeight].map((info) => backend.pointer(info));
  backend.kernels.rmsNormGradWeight(rows, width, eps, xs, dys, partials, dWeights);
  return dWeight;
});
