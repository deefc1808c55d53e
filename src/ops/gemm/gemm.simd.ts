// Gemm on `simd`, and how the other linear operations call it.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { GemmAttrs } from './gemm';

/** Packed B is kept to this many bytes (it should stay in the last cache); a wider B is multiplied in parts. */
const WORK_BYTES = 8 * 2 ** 20;

/** Of matrices by their addresses. */
interface ProductAt {
  m: number;
  n: number;
  k: number;
  a: number;
  transposeA?: boolean;
  b: number;
  transposeB: boolean;
  alpha?: number;
  /** [n], added to every row */
  bias?: number;
  /** a matrix like c that is added (c itself accumulates); 0 = none */
  init?: number;
  c: number;
  /** A second product, added: a [m, k] by rows, b as transposeB says. */
  plus?: { k: number; a: number; b: number; alpha: number; ready?: number };
  /** address of b as packMatrix left it (and plus.ready of plus.b times its alpha, only beside it) */
  ready?: number;
}

/** c [m, n] = alpha·op(a)·op(b) (+ bias or init) (+ plus). Called some ninety times per step, so it makes no arrays on the way. */
export function multiplyAt(backend: SimdBackend, product: ProductAt): void {
  const { m, n, k, a, b, c, transposeB, transposeA = false, alpha = 1, bias = 0, init = 0, plus, ready = 0 } = product;
  const k2 = plus ? plus.k : 0;
  const workBytes = Math.max(WORK_BYTES, (k + k2) * 32);
  const [lda, ldb, ldi] = [transposeA ? m : k, transposeB ? k : n, init ? n : -1];
  const [a2, b2, alpha2] = plus ? [plus.a, plus.b, plus.alpha] : [0, 0, 0];
  const ready2 = (ready && plus?.ready) || 0;
  const work = backend.workspace(workBytes);
  // biome-ignore format: the order of gemm.as.ts
  backend.kernels.gemm(m, n, k, a, lda, +transposeA, b, ldb, +transposeB, alpha, bias || init, ldi, c, n, k2, a2, b2, alpha2, work, workBytes, ready, ready2);
}

/**
 * b [k, n] packed for some products in a row (nothing else may use the workspace between them): their `ready`.
 * @returns 0 where it is too large for that
 */
export function packedForNow(backend: SimdBackend, b: number, n: number, k: number): number {
  if (backend.kernels.packedBytes(n, k) > WORK_BYTES || k * 32 > WORK_BYTES) return 0;
  const out = backend.workspace(WORK_BYTES);
  backend.kernels.packMatrix(n, k, b, n, 0, 1, out);
  return out;
}

/** With more rows than this, packing b anew costs next to nothing. */
const MOST_ROWS_READY = 512;

interface Product extends Omit<ProductAt, 'a' | 'b' | 'bias' | 'init' | 'c' | 'plus' | 'ready'> {
  a: TensorInfo;
  b: TensorInfo;
  bias?: TensorInfo;
  plus?: { k: number; a: TensorInfo; b: TensorInfo; alpha: number; ready?: number };
  /** b is a weight, which many products will meet before it changes: decoding keeps it packed */
  isWeight?: boolean;
}

/**
 * The weight b [n, k] packed, times alpha, kept from product to product; 0 where there is no room for it or `rows` of A do not ask
 * for it.
 */
export function readyWeight(backend: SimdBackend, b: TensorInfo, rows: number, alpha = 1): number {
  if (rows > MOST_ROWS_READY) return 0;
  const kept = backend.packedForm(b, alpha);
  if (kept) return kept;
  const [n, k] = b.shape;
  const out = backend.keepPacked(b, backend.kernels.packedBytes(n, k), alpha);
  if (out) backend.kernels.packMatrix(n, k, backend.pointer(b), k, 1, alpha, out);
  return out;
}

/** The same of tensors. @returns c */
export function multiply(backend: SimdBackend, product: Product): TensorInfo {
  const { m, n, k, transposeA, transposeB, alpha, bias, plus } = product;
  const out = backend.output([m, n]);
  const second = plus && {
    k: plus.k,
    a: backend.pointer(plus.a),
    b: backend.pointer(plus.b),
    alpha: plus.alpha,
    ready: plus.ready,
  };
  const [a, b, c] = [backend.pointer(product.a), backend.pointer(product.b), backend.pointer(out)];
  const row = bias ? backend.pointer(bias) : 0;
  const ready = product.isWeight ? readyWeight(backend, product.b, m) : 0;
  multiplyAt(backend, { m, n, k, a, transposeA, b, transposeB, alpha, bias: row, c, plus: second, ready });
  return out;
}

registerSimdKernel<GemmAttrs>('Gemm', (backend, { a, b }, { transposeA, transposeB, alpha }) => {
  const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const n = transposeB ? b.shape[0] : b.shape[1];
  return multiply(backend, { m, n, k, a, b, transposeA, transposeB, alpha });
});
