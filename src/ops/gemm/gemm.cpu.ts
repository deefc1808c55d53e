// The truth of Gemm: three loops, float64.
import { type FloatTensor, floats, registerCpuKernel } from '../cpuKernel';
import type { GemmAttrs } from './gemm';

/** C = alpha · op(A)·op(B), [M, N]. */
export function referenceGemm(a: FloatTensor, b: FloatTensor, attrs: GemmAttrs): FloatTensor {
  const { transposeA, transposeB, alpha } = attrs;
  const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const n = transposeB ? b.shape[0] : b.shape[1];
  const c = floats([m, n]);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let dot = 0;
      for (let p = 0; p < k; p++) {
        dot += a.data[transposeA ? p * m + i : i * k + p] * b.data[transposeB ? j * k + p : p * n + j];
      }
      c.data[i * n + j] = alpha * dot;
    }
  }
  return c;
}

registerCpuKernel<GemmAttrs>('Gemm', (inputs, attrs) => referenceGemm(inputs.f('a'), inputs.f('b'), attrs));
