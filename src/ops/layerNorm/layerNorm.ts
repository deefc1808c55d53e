// LayerNorm (Ba et al. 2016, arXiv 1607.06450): y = weight·(x − mean)/√(variance + eps) + bias, per row. The variance is of the deviations
// from the mean, not a difference of sums: rows far from zero keep their digits.
// Kernels: `LayerNorm`, `LayerNormGradInput`, `LayerNormGradWeight`. It keeps x alone for the backward pass, the
// composition of tfjs' operations five tensors of its size.
import { engine, registerGradient, sum, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

export interface LayerNormAttrs {
  eps: number;
}

/**
 * @param x [N, D]
 * @param weight [D]
 * @param bias [D]
 * @returns [N, D]
 */
export function layerNorm<T extends Tensor>(x: T, weight: Tensor1D, bias: Tensor1D, eps: number): T {
  const [width] = weight.shape;
  if (x.rank !== 2 || x.shape[1] !== width || bias.shape[0] !== width) {
    throw new RangeError(
      `layerNorm: expected x [N, ${width}] and bias [${width}], got [${x.shape}] and [${bias.shape}].`,
    );
  }
  return engine().runKernel('LayerNorm', { x, weight, bias }, { eps });
}

registerGradient({
  kernelName: 'LayerNorm',
  inputsToSave: ['x', 'weight'],
  gradFunc: (dys, [x, weight], attrs) => {
    const dy = dys as Tensor;
    return {
      x: () => engine().runKernel('LayerNormGradInput', { x, weight, dy }, attrs) as Tensor,
      weight: () => engine().runKernel('LayerNormGradWeight', { x, dy }, attrs) as Tensor,
      bias: () => sum(dy, 0),
    };
  },
});
