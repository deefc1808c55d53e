// SwiGLU on `simd`; the work is in swiglu.as.ts.
import { util } from '@tensorflow/tfjs-core';
import { registerSimdKernel } from '../../backend/simd/simdKernel';

registerSimdKernel('SwiGlu', (backend, { gate, up }) => {
  const y = backend.output(gate.shape);
  backend.kernels.swiglu(
    util.sizeFromShape(gate.shape),
    backend.pointer(gate),
    backend.pointer(up),
    backend.pointer(y),
  );
  return y;
});

registerSimdKernel('SwiGluGrad', (backend, { gate, up, dy }) => {
  const dGate = backend.output(gate.shape);
  const dUp = backend.output(up.shape);
  const [gates, ups, dys, dGates, dUps] = [gate, up, dy, dGate, dUp].map((info) => backend.pointer(info));
  backend.kernels.swigluGrad(util.sizeFromShape(gate.shape), gates, ups, dys, dGates, dUps);
  return [dGate, dUp];
});
