// The linear layer on `simd`: the products of gemm.as.ts. With LoRA the low-rank product is added to each block of y while
// the block is in the cache. For few rows (decoding) W is packed once and kept so.
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { multiply, readyWeight } from '../gemm/gemm.simd';

for (const withBias of [false, true]) {
  const name = `Linear${withBias ? 'Bias' : ''}`;
  registerSimdKernel(name, (backend, { x, w, bias }) =>
    multiply(backend, {
      m: x.shape[0],
      n: w.shape[0],
      k: w.shape[1],
      a: x,
      b: w,
      transposeB: true,
      bias,
      isWeight: true,
    }),
  );
  registerSimdKernel<{ scale: number }>(`${name}Lora`, (backend, { x, w, bias, a, b }, { scale }) => {
    const [m, k] = x.shape;
    const rank = a.shape[0];
    const h = multiply(backend, { m, n: rank, k, a: x, b: a, transposeB: true, isWeight: true });
    const plus = { k: rank, a: h, b, alpha: scale, ready: readyWeight(backend, b, m, scale) };
    return [multiply(backend, { m, n: w.shape[0], k, a: x, b: w, transposeB: true, bias, plus, isWeight: true }), h];
  });
}

registerSimdKernel('LinearGradInput', (backend, { dy, w, dh, a }) => {
  const plus = dh ? { k: a.shape[0], a: dh, b: a, alpha: 1 } : undefined;
  return multiply(backend, { m: dy.shape[0], n: w.shape[1], k: w.shape[0], a: dy, b: w, transposeB: false, plus });
});
