// Gemm on `simd`, and how the other linear operations call it.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { GemmAttrs } from './gemm';

/** Packed B is kept to this many bytes (it should stay in the last cache); a wider B is multiplied in parts. */
const WORK_BYTES = 8 * 2 ** 20;

interface Product {
  m: number;
  n: number;
  k: number;
  a: TensorInfo;
  transposeA?: boolean;
  b: TensorInfo;
  transposeB: boolean;
  alpha?: number;
  /** [n], added to every row. */
  bias?: TensorInfo;
  /** A second product, added: a [m, k] by rows, b as transposeB says. */
  plus?: { k: number; a: TensorInfo; b: TensorInfo; alpha: number };
}

/** c [m, n] = alpha·op(a)·op(b) (+ bias) (+ plus). */
export function multiply(backend: SimdBackend, product: Product): TensorInfo {
  const { m, n, k, a, b, transposeB, transposeA = false, alpha = 1, bias, plus } = product;
  const c = backend.output([m, n]);
  const workBytes = Math.max(WORK_BYTES, (k + (plus?.k ?? 0)) * 32);
  const work = backend.workspace(workBytes);
  const second = plus ? [plus.k, backend.pointer(plus.a), backend.pointer(plus.b), plus.alpha] : [0, 0, 0, 0];
  backend.kernels.gemm(
    ...[m, n, k, backend.pointer(a), transposeA ? m : k, Number(transposeA)],
    ...[backend.pointer(b), transposeB ? k : n, Number(transposeB), alpha],
    ...[bias ? backend.pointer(bias) : 0, -1, backend.pointer(c), n],
    ...[...second, work, workBytes],
  );
  return c;
}

registerSimdKernel<GemmAttrs>('Gemm', (backend, { a, b }, { transposeA, transposeB, alpha }) => {
  const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const n = transposeB ? b.shape[0] : b.shape[1];
  return multiply(backend, { m, n, k, a, b, transposeA, transposeB, alpha });
});
