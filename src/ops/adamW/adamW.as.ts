// AssemblyScript. AdamW over many tensors in two passes: the norm of all gradients, then the update in place.
// The caller lists the work in chunks of at most 16384 elements that never cross a tensor's end; the norm adds the chunks'
// sums (float64) in that order, so the bits do not depend on the threads.
import { fma } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';

/** One entry: addresses of param, grad, m, v and the number of elements, 4 bytes each, padded to 24; the caller knows. */
const ENTRY: usize = 24;

// @ts-ignore: decorator
@inline function square2(x: v128, sum: v128): v128 { return f64x2.add(sum, f64x2.mul(x, x)); }

function normChunk(chunk: i32, scratch: usize): void {
  const entry = getP(0) + <usize>chunk * ENTRY;
  const grad = <usize>load<u32>(entry, 4);
  const n = load<i32>(entry, 16);
  let sum = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const g = v128.load(grad + (<usize>i << 2));
    sum = square2(f64x2.promote_low_f32x4(g), sum);
    sum = square2(f64x2.promote_low_f32x4(i8x16.shuffle(g, g, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)), sum);
  }
  let total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  for (; i < n; i++) {
    const g = <f64>load<f32>(grad + (<usize>i << 2));
    total += g * g;
  }
  store<f64>(getP(1) + (<usize>chunk << 3), total);
}

function updateChunk(chunk: i32, scratch: usize): void {
  const entry = getP(0) + <usize>chunk * ENTRY;
  const param = <usize>load<u32>(entry);
  const grad = <usize>load<u32>(entry, 4);
  const m = <usize>load<u32>(entry, 8);
  const v = <usize>load<u32>(entry, 12);
  const n = load<i32>(entry, 16);
  const clip = f32x4.splat(getF(2));
  const beta1 = f32x4.splat(getF(3));
  const rest1 = f32x4.splat(getF(4));
  const beta2 = f32x4.splat(getF(5));
  const rest2 = f32x4.splat(getF(6));
  const decay = f32x4.splat(getF(7));
  const step = f32x4.splat(getF(8));
  const correction = f32x4.splat(getF(9));
  const eps = f32x4.splat(getF(10));
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const g = f32x4.mul(v128.load(grad + at), clip);
    const newM = fma(beta1, v128.load(m + at), f32x4.mul(rest1, g));
    const newV = fma(beta2, v128.load(v + at), f32x4.mul(rest2, f32x4.mul(g, g)));
    const p = v128.load(param + at);
    const denominator = fma(f32x4.sqrt(newV), correction, eps);
    const change = f32x4.add(f32x4.mul(decay, p), f32x4.div(f32x4.mul(step, newM), denominator));
    v128.store(m + at, newM);
    v128.store(v + at, newV);
    v128.store(param + at, f32x4.sub(p, change));
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    const g = load<f32>(grad + at) * getF(2);
    const newM = getF(3) * load<f32>(m + at) + getF(4) * g;
    const newV = getF(5) * load<f32>(v + at) + getF(6) * (g * g);
    const p = load<f32>(param + at);
    store<f32>(m + at, newM);
    store<f32>(v + at, newV);
    store<f32>(param + at, p - (getF(7) * p + getF(8) * newM / (sqrt<f32>(newV) * getF(9) + getF(10))));
  }
}

/**
 * list: `chunks` entries; sums: as many float64. result [2] gets the norm and the clip factor (0: the norm was not finite and
 * nothing was changed). decay = learningRate·weightDecay, step = learningRate/(1 − beta1^t), correction = 1/sqrt(1 − beta2^t).
 */
export function adamW(
  chunks: i32, list: usize, sums: usize, result: usize, maxNorm: f64,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, decay: f32, step: f32, correction: f32, eps: f32,
): void {
  setP(0, list);
  setP(1, sums);
  parallel(normChunk, chunks);
  let total: f64 = 0;
  for (let chunk = 0; chunk < chunks; chunk++) total += load<f64>(sums + (<usize>chunk << 3));
  const norm = sqrt<f64>(total);
  const finite = isFinite(norm);
  const clip: f64 = !finite ? 0 : maxNorm > 0 ? min(1.0, maxNorm / (norm + 1e-6)) : 1;
  store<f32>(result, <f32>norm);
  store<f32>(result, <f32>clip, 4);
  if (!finite) return;
  setF(2, <f32>clip);
  setF(3, beta1);
  setF(4, rest1);
  setF(5, beta2);
  setF(6, rest2);
  setF(7, decay);
  setF(8, step);
  setF(9, correction);
  setF(10, eps);
  parallel(updateChunk, chunks);
}
