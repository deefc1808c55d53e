// Sum on `simd`: over leading axes (the gradient of a bias) or trailing ones (a loss) in sums.as.ts; anything else, and other
// types than float32, by tfjs' plain kernel.
import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { borrowedKernel } from './borrowedKernels';
import type { SimdBackend } from './simdBackend';
import { registerSimdKernel } from './simdKernel';

interface Attrs {
  axis: number | number[] | null;
  keepDims: boolean;
}

const plainSum = borrowedKernel<Attrs>('Sum');

function fastSum(backend: SimdBackend, x: TensorInfo, axes: number[], keepDims: boolean): TensorInfo | null {
  const [kept, reduced] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const width = util.sizeFromShape(kept);
  const terms = util.sizeFromShape(reduced);
  const leading = axes.every((axis, i) => axis === i);
  const trailing = axes.every((axis, i) => axis === x.shape.length - axes.length + i);
  if (x.dtype !== 'float32' || !(leading || trailing) || width === 0 || terms === 0) return null;
  const out = backend.output(keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept);
  if (trailing) backend.kernels.sumRows(width, terms, backend.pointer(x), backend.pointer(out));
  else backend.kernels.sumColumns(terms, width, backend.pointer(x), backend.pointer(out));
  return out;
}

registerSimdKernel<Attrs>('Sum', (backend, inputs, attrs) => {
  const { x } = inputs;
  const axes = util.parseAxisParam(attrs.axis ?? x.shape.map((_, i) => i), x.shape);
  axes.sort((a, b) => a - b);
  return fastSum(backend, x, axes, attrs.keepDims) ?? plainSum(backend, inputs, attrs);
});
