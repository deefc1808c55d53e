// AssemblyScript. Log-probability, entropy and KL of one row of logits at a time, and their gradient.
// d = (logit − largest)/temperature ≤ 0: the subtraction comes first, so that large logits lose no digits. Sums run over
// blocks of 256 in float32 and from block to block in float64. A logit of −inf is kept finite and gets weight 0.
import { exp4, maxLanes, sumLanes } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of rows, about. */
const CHUNK: i32 = 4096;
const BLOCK: i32 = 256;
/** In place of −inf, so that 0·d is 0. */
const LOWEST: f32 = -1e30;
/** e^d below this is taken as 0; the same limit as in exp4. */
const NOTHING: f32 = -87.3;
/** A divergence above this comes from LOWEST: the policy says yes where the reference says never. */
const INFINITE: f64 = 1e25;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

/** The largest of n floats; a NaN is passed over here and shows in the sums. */
// @ts-ignore: decorator
@inline export function rowMax(x: usize, n: i32): f32 {
  let best = f32x4.splat(-Infinity);
  let i = 0;
  for (; i + 4 <= n; i += 4) best = f32x4.pmax(best, v128.load(x + (<usize>i << 2)));
  let result = maxLanes(best);
  for (; i < n; i++) result = max(result, load<f32>(x + (<usize>i << 2)));
  return result;
}

// @ts-ignore: decorator
@inline export function below4(x: v128, largest: v128, inverse: v128): v128 {
  return f32x4.pmax(f32x4.mul(f32x4.sub(x, largest), inverse), f32x4.splat(LOWEST));
}

/** e^d, 0 where d is too far below. */
// @ts-ignore: decorator
@inline export function weight4(d: v128): v128 { return v128.and(exp4(d), f32x4.gt(d, f32x4.splat(NOTHING))); }

/** Lanes 0 … count−1 are kept, the others 0. count 1 … 3. */
// @ts-ignore: decorator
@inline function keepLanes(x: v128, count: i32): v128 {
  return v128.and(x, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}

/** The last one to three floats, without reading beyond the row. */
// @ts-ignore: decorator
@inline export function loadTail(x: usize, count: i32): v128 {
  let result = v128.load32_zero(x);
  if (count > 1) result = f32x4.replace_lane(result, 1, load<f32>(x, 4));
  if (count > 2) result = f32x4.replace_lane(result, 2, load<f32>(x, 8));
  return result;
}

// What the last call of `measure` found. Globals are per thread: every thread has an instance of its own.
let largest: f32 = 0;
let refLargest: f32 = 0;
let total: f64 = 0; // S = Σ e^d
let totalD: f64 = 0; // Σ e^d · d
let totalGap: f64 = 0; // Σ e^d · (d − dRef)
let refTotal: f64 = 0; // Σ e^dRef

/** Goes over a row once. Keeps e^d in `weights` when it is not 0; `ref` 0 = no reference. */
export function measure(x: usize, ref: usize, n: i32, inverse: f32, weights: usize): void {
  largest = rowMax(x, n);
  refLargest = ref ? rowMax(ref, n) : 0;
  const largest4 = f32x4.splat(largest);
  const refLargest4 = f32x4.splat(refLargest);
  const inverse4 = f32x4.splat(inverse);
  total = 0;
  totalD = 0;
  totalGap = 0;
  refTotal = 0;
  for (let block = 0; block < n; block += BLOCK) {
    let sum = f32x4.splat(0);
    let sumD = sum;
    let sumGap = sum;
    let refSum = sum;
    const end = min(n, block + BLOCK);
    let i = block;
    for (; i + 4 <= end; i += 4) {
      const at = <usize>i << 2;
      const d = below4(v128.load(x + at), largest4, inverse4);
      const e = weight4(d);
      sum = f32x4.add(sum, e);
      sumD = f32x4.add(sumD, f32x4.mul(e, d));
      if (weights) v128.store(weights + at, e);
      if (ref) {
        const dRef = below4(v128.load(ref + at), refLargest4, inverse4);
        refSum = f32x4.add(refSum, weight4(dRef));
        sumGap = f32x4.add(sumGap, f32x4.mul(e, f32x4.sub(d, dRef)));
      }
    }
    if (i < end) {
      const count = end - i;
      const at = <usize>i << 2;
      const d = keepLanes(below4(loadTail(x + at, count), largest4, inverse4), count);
      const e = keepLanes(weight4(d), count);
      sum = f32x4.add(sum, e);
      sumD = f32x4.add(sumD, f32x4.mul(e, d));
      if (weights) storeTail(weights + at, e, count);
      if (ref) {
        const dRef = keepLanes(below4(loadTail(ref + at, count), refLargest4, inverse4), count);
        refSum = f32x4.add(refSum, keepLanes(weight4(dRef), count));
        sumGap = f32x4.add(sumGap, f32x4.mul(e, f32x4.sub(d, dRef)));
      }
    }
    total += <f64>sumLanes(sum);
    totalD += <f64>sumLanes(sumD);
    if (ref) {
      refTotal += <f64>sumLanes(refSum);
      totalGap += <f64>sumLanes(sumGap);
    }
  }
}

// @ts-ignore: decorator
@inline export function storeTail(to: usize, x: v128, count: i32): void {
  store<f32>(to, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8);
}

/** Of the row that was measured last, as are the three below. */
// @ts-ignore: decorator
@inline export function measuredLargest(ofReference: i32 = 0): f32 { return ofReference ? refLargest : largest; }

/** The sums of `measure`: 0 Σ e^d, 1 Σ e^d·d, 2 Σ e^d·(d − dRef), 3 Σ e^dRef. */
// @ts-ignore: decorator
@inline export function measuredTotals(which: i32): f64 { return which == 0 ? total : which == 1 ? totalD : which == 2 ? totalGap : refTotal; }

/** log S: what the three below need. */
// @ts-ignore: decorator
@inline export function measuredLogTotal(): f64 { return Math.log(total); }

/** H = log S − Σ p·d */
// @ts-ignore: decorator
@inline export function measuredEntropy(logTotal: f64): f64 { return logTotal - totalD / total; }

/** KL = Σ p·(d − dRef) − log S + log S_ref */
// @ts-ignore: decorator
@inline function measuredKl(logTotal: f64): f64 {
  const kl = totalGap / total - logTotal + Math.log(refTotal);
  return kl > INFINITE ? Infinity : kl;
}

/** log p of one entry */
// @ts-ignore: decorator
@inline export function measuredLogProb(logTotal: f64, x: usize, index: i32, inverse: f32): f64 {
  return <f64>((load<f32>(x + (<usize>index << 2)) - largest) * inverse) - logTotal;
}

/** Outside the vocabulary means token 0, as on every backend: a stray address would write into another tensor. */
// @ts-ignore: decorator
@inline function targetAt(targets: usize, n: i32, width: i32): i32 {
  const target = load<i32>(targets + (<usize>n << 2));
  return <u32>target < <u32>width ? target : 0;
}

function forwardChunk(chunk: i32, scratch: usize): void {
  const rows = getI(0);
  const width = getI(1);
  const inverse = getF(2);
  const first = chunk * rowsPerChunk(width);
  const end = min(rows, first + rowsPerChunk(width));
  for (let n = first; n < end; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(3) + offset;
    const ref = getP(5) ? getP(5) + offset : 0;
    measure(x, ref, width, inverse, 0);
    const at = <usize>n << 2;
    const target = targetAt(getP(4), n, width);
    const logTotal = measuredLogTotal();
    store<f32>(getP(6) + at, <f32>measuredLogProb(logTotal, x, target, inverse));
    store<f32>(getP(7) + at, <f32>measuredEntropy(logTotal));
    store<f32>(getP(8) + at, ref ? <f32>measuredKl(logTotal) : 0);
  }
}

/** logits, refLogits (0 = none) [rows, width]; targets int32 and the three results [rows] */
export function tokenStatistics(
  rows: i32, width: i32, inverseTemperature: f32,
  logits: usize, targets: usize, refLogits: usize, logProb: usize, entropy: usize, kl: usize,
): void {
  setI(0, rows);
  setI(1, width);
  setF(2, inverseTemperature);
  setP(3, logits);
  setP(4, targets);
  setP(5, refLogits);
  setP(6, logProb);
  setP(7, entropy);
  setP(8, kl);
  parallel(forwardChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

/** p·(c0 + c1·d + c2·(d − dRef)) for four entries; see gradChunk. */
// @ts-ignore: decorator
@inline export function slope4(p: v128, d: v128, dRef: v128, c0: v128, c1: v128, c2: v128): v128 {
  return f32x4.mul(p, f32x4.add(c0, f32x4.add(f32x4.mul(c1, d), f32x4.mul(c2, f32x4.sub(d, dRef)))));
}

/**
 * log p + H = d − Σ p·d and log p − log q − KL = (d − dRef) − Σ p·(d − dRef): the logarithms drop out, and a row's gradient
 * is, but for the target's own entry, p·(−dLogProb − dEntropy·(d − Σ p·d) + dKl·((d − dRef) − Σ p·(d − dRef))) / temperature.
 */
function gradChunk(chunk: i32, scratch: usize): void {
  const rows = getI(0);
  const width = getI(1);
  const inverse = getF(2);
  const inverse4 = f32x4.splat(inverse);
  const first = chunk * rowsPerChunk(width);
  const end = min(rows, first + rowsPerChunk(width));
  for (let n = first; n < end; n++) {
    const at = <usize>n << 2;
    const offset = <usize>n * <usize>width << 2;
    const x = getP(3) + offset;
    const ref = getP(5) ? getP(5) + offset : 0;
    const out = getP(9) + offset; // first e^d, then the gradient
    const dLogProb = load<f32>(getP(6) + at);
    const dEntropy = load<f32>(getP(7) + at);
    const dKl: f32 = ref ? load<f32>(getP(8) + at) : 0;
    measure(x, ref, width, inverse, out);
    const constant = <f64>dEntropy * (totalD / total) - <f64>dKl * (totalGap / total) - <f64>dLogProb;
    const c0 = f32x4.splat(<f32>constant);
    const c1 = f32x4.splat(-dEntropy);
    const c2 = f32x4.splat(dKl);
    const scale = f32x4.splat(<f32>(<f64>inverse / total));
    const largest4 = f32x4.splat(largest);
    const refLargest4 = f32x4.splat(refLargest);
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const column = <usize>i << 2;
      const d = below4(v128.load(x + column), largest4, inverse4);
      const dRef = ref ? below4(v128.load(ref + column), refLargest4, inverse4) : d;
      const p = f32x4.mul(v128.load(out + column), scale);
      v128.store(out + column, slope4(p, d, dRef, c0, c1, c2));
    }
    if (i < width) {
      const column = <usize>i << 2;
      const count = width - i;
      const d = below4(loadTail(x + column, count), largest4, inverse4);
      const dRef = ref ? below4(loadTail(ref + column, count), refLargest4, inverse4) : d;
      const p = f32x4.mul(loadTail(out + column, count), scale);
      storeTail(out + column, slope4(p, d, dRef, c0, c1, c2), count);
    }
    const target = out + (<usize>targetAt(getP(4), n, width) << 2);
    store<f32>(target, load<f32>(target) + dLogProb * inverse);
  }
}

/** dLogProb, dEntropy, dKl [rows]; dLogits [rows, width] */
export function tokenStatisticsGrad(
  rows: i32, width: i32, inverseTemperature: f32, logits: usize, targets: usize, refLogits: usize,
  dLogProb: usize, dEntropy: usize, dKl: usize, dLogits: usize,
): void {
  setI(0, rows);
  setI(1, width);
  setF(2, inverseTemperature);
  setP(3, logits);
  setP(4, targets);
  setP(5, refLogits);
  setP(6, dLogProb);
  setP(7, dEntropy);
  setP(8, dKl);
  setP(9, dLogits);
  parallel(gradChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}
