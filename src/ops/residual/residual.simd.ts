// The residual sum on `simd`: the kernel of elementwise.as.ts.
import { util } from '@tensorflow/tfjs-core';
import { registerSimdKernel } from '../../backend/simd/simdKernel';

registerSimdKernel('Residual', (backend, { x, y }) => {
  const out = backend.output(x.shape);
  backend.kernels.add(util.sizeFromShape(x.shape), backend.pointer(x), backend.pointer(y), backend.pointer(out));
  return out;
});
