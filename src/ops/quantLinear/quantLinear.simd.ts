// The linear layer over blocks on `simd`; the work is in quantGemm.as.ts.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { BLOCK_TYPES, rowBytes } from '../../lib/blocks/blockTypes';
import { multiply } from '../gemm/gemm.simd';
import type { QuantAttrs } from './quantLinear';
import type { BlockName } from './quantMatrix';

/** Of matrices by their addresses. */
interface QuantProductAt {
  m: number;
  n: number;
  k: number;
  a: number;
  type: BlockName;
  /** address of the first row in blocks, and numbers per row */
  w: number;
  width: number;
  /** rows of w run along k (y = x·Wᵀ) */
  transposed: boolean;
  /** [n], added to every row */
  bias?: number;
  /** a matrix like c that is added (c itself accumulates) */
  init?: number;
  c: number;
  plus?: { k: number; a: number; b: number; alpha: number };
}

/** c [m, n] = a·op(w) (+ bias or init) (+ plus) */
export function multiplyBlocksAt(backend: SimdBackend, product: QuantProductAt): void {
  const { m, n, k, a, type, w, width, transposed, bias = 0, init = 0, c, plus } = product;
  backend.reserveScratch(backend.kernels.quantScratch());
  const [k2, a2, b2, alpha2] = plus ? [plus.k, plus.a, plus.b, plus.alpha] : [0, 0, 0, 0];
  const [code, bytes] = [BLOCK_TYPES[type].id, rowBytes(type, width)];
  // biome-ignore format: the order of quantGemm.as.ts
  backend.kernels.quantGemm(m, n, k, a, code, w, bytes, +transposed, bias || init, init ? n : -1, c, n, k2, a2, b2, alpha2);
}

function project(
  backend: SimdBackend,
  { x, w, bias }: Record<string, TensorInfo>,
  { type, out, in: width }: QuantAttrs,
  low?: { h: TensorInfo; b: TensorInfo; rank: number; scale: number },
): TensorInfo {
  const y = backend.output([x.shape[0], out]);
  multiplyBlocksAt(backend, {
    ...{ m: x.shape[0], n: out, k: width, a: backend.pointer(x), type, w: backend.pointer(w), width, transposed: true },
    bias: bias ? backend.pointer(bias) : 0,
    c: backend.pointer(y),
    plus: low && { k: low.rank, a: backend.pointer(low.h), b: backend.pointer(low.b), alpha: low.scale },
  });
  return y;
}

for (const withBias of [false, true]) {
  const name = `QuantLinear${withBias ? 'Bias' : ''}`;
  registerSimdKernel<QuantAttrs>(name, (backend, inputs, attrs) => project(backend, inputs, attrs));
  registerSimdKernel<QuantAttrs>(`${name}Lora`, (backend, inputs, attrs) => {
    const { x, a, b } = inputs;
    const [rank] = a.shape;
    const h = multiply(backend, { m: x.shape[0], n: rank, k: attrs.in, a: x, b: a, transposeB: true });
    return [project(backend, inputs, attrs, { h, b, rank, scale: attrs.scale }), h];
  });
}

registerSimdKernel<QuantAttrs>('QuantLinearGradInput', (backend, { dy, w, dh, a }, { type, out, in: width }) => {
  const [m] = dy.shape;
  const dx = backend.output([m, width]);
  multiplyBlocksAt(backend, {
    ...{ m, n: width, k: out, a: backend.pointer(dy), type, w: backend.pointer(w), width, transposed: false },
    c: backend.pointer(dx),
    plus: dh && { k: a.shape[0], a: backend.pointer(dh), b: backend.pointer(a), alpha: 1 },
  });
  return dx;
});

registerSimdKernel<{ offset: number; bytes: Uint8Array }>('WriteBytes', (backend, { target }, { offset, bytes }) => {
  const view = backend.view(target);
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes, offset);
  return backend.alias(target, target.shape);
});
