// C = alpha · op(A)·op(B), without materialised transposes. Kernel `Gemm` on every backend.
import { engine, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

export interface GemmAttrs {
  transposeA: boolean;
  transposeB: boolean;
  alpha: number;
}

/**
 * @param a [M, K], or [K, M] with transposeA
 * @param b [K, N], or [N, K] with transposeB
 * @returns [M, N]. Not differentiable by itself: it is what gradients are made of.
 */
export function gemm(a: Tensor, b: Tensor, options: Partial<GemmAttrs> = {}): Tensor2D {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  const k = transposeA ? a.shape[0] : a.shape[1];
  const kB = transposeB ? b.shape[1] : b.shape[0];
  if (a.rank !== 2 || b.rank !== 2 || k !== kB) {
    throw new RangeError(
      `gemm: expected two matrices with the same inner size, got [${a.shape}]${transposeA ? 'ᵀ' : ''} and [${b.shape}]${transposeB ? 'ᵀ' : ''}.`,
    );
  }
  return engine().runKernel('Gemm', { a, b }, { transposeA, transposeB, alpha });
}
