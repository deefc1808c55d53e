// AssemblyScript. Statistics of rows of logits whose columns arrive in chunks: what is known of a row so far lies in its
// `moments` (float64), relative to the largest logit seen, and is rescaled when a larger one comes.
import { below4, loadTail, measure, measuredLargest, measuredTotals, slope4, storeTail, weight4 } from '../tokenStatistics/tokenStatistics.as';
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';

/** Elements per chunk of rows, about. */
const CHUNK: i32 = 8192;

// Moments of a row: 8 float64. z = logit / temperature, m = the largest z, likewise of the reference.
/** m; before the first chunk −infinity */
const LARGEST: usize = 0;
/** Σ e^(z − m) */
const TOTAL: usize = 8;
/** Σ e^(z − m)·(z − m) */
const TOTAL_D: usize = 16;
/** Σ e^(z − m)·(z − zRef) */
const TOTAL_GAP: usize = 24;
const REF_LARGEST: usize = 32;
const REF_TOTAL: usize = 40;
/** z of the target */
const TARGET: usize = 48;
const BYTES: usize = 64;

// Job words.
const ROWS = 0, WIDTH = 1, FIRST = 2, VOCABULARY = 3, INVERSE = 4, LOGITS = 5, REF = 6, TARGETS = 7, MOMENTS = 8;
const LOG_PROB = 9, ENTROPY = 10, KL = 11;

// @ts-ignore: decorator
@inline function rowsPerChunk(width: i32): i32 { return max(1, CHUNK / width); }

/** Outside the vocabulary means token 0, as on every backend. */
// @ts-ignore: decorator
@inline function targetAt(n: i32): i32 {
  const target = load<i32>(getP(TARGETS) + (<usize>n << 2));
  return <u32>target < <u32>getI(VOCABULARY) ? target : 0;
}

function addChunk(chunk: i32, scratch: usize): void {
  const width = getI(WIDTH), inverse = getF(INVERSE), first = getI(FIRST);
  const from = chunk * rowsPerChunk(width), to = min(getI(ROWS), from + rowsPerChunk(width));
  for (let n = from; n < to; n++) {
    const offset = <usize>n * <usize>width << 2;
    const x = getP(LOGITS) + offset, ref = getP(REF) ? getP(REF) + offset : 0;
    const row = getP(MOMENTS) + <usize>n * BYTES;
    measure(x, ref, width, inverse, 0);
    // What `measure` sums is relative to this chunk's own largest logits.
    const own = <f64>measuredLargest(0) * <f64>inverse, ownTotal = measuredTotals(0);
    let largest = own, before: f64 = 0, here: f64 = 1;
    if (first > 0) {
      const known = load<f64>(row, LARGEST);
      largest = max(known, own);
      before = Math.exp(known - largest);
      here = Math.exp(own - largest);
      store<f64>(row, before * (load<f64>(row, TOTAL_D) + (known - largest) * load<f64>(row, TOTAL)) + here * (measuredTotals(1) + (own - largest) * ownTotal), TOTAL_D);
      store<f64>(row, before * load<f64>(row, TOTAL) + here * ownTotal, TOTAL);
    } else {
      store<f64>(row, measuredTotals(1), TOTAL_D);
      store<f64>(row, ownTotal, TOTAL);
    }
    store<f64>(row, largest, LARGEST);
    if (ref) {
      const ownRef = <f64>measuredLargest(1) * <f64>inverse;
      const gap = measuredTotals(2) + (own - ownRef) * ownTotal;
      if (first > 0) {
        const knownRef = load<f64>(row, REF_LARGEST), largestRef = max(knownRef, ownRef);
        store<f64>(row, before * load<f64>(row, TOTAL_GAP) + here * gap, TOTAL_GAP);
        store<f64>(row, Math.exp(knownRef - largestRef) * load<f64>(row, REF_TOTAL) + Math.exp(ownRef - largestRef) * measuredTotals(3), REF_TOTAL);
        store<f64>(row, largestRef, REF_LARGEST);
      } else {
        store<f64>(row, gap, TOTAL_GAP);
        store<f64>(row, measuredTotals(3), REF_TOTAL);
        store<f64>(row, ownRef, REF_LARGEST);
      }
    }
    const column = targetAt(n) - first;
    if (column >= 0 && column < width) store<f64>(row, <f64>load<f32>(x + (<usize>column << 2)) * <f64>inverse, TARGET);
  }
}

function setChunk(rows: i32, width: i32, first: i32, vocabulary: i32, inverse: f32, logits: usize, ref: usize, targets: usize, moments: usize): void {
  setI(ROWS, rows);
  setI(WIDTH, width);
  setI(FIRST, first);
  setI(VOCABULARY, vocabulary);
  setF(INVERSE, inverse);
  setP(LOGITS, logits);
  setP(REF, ref);
  setP(TARGETS, targets);
  setP(MOMENTS, moments);
}

/** Takes in the logits (and the reference's, 0 = none) [rows, width] of the words first … first+width−1; the first chunk has first = 0. */
export function addToMoments(
  rows: i32, width: i32, first: i32, vocabulary: i32, inverseTemperature: f32, logits: usize, ref: usize, targets: usize, moments: usize,
): void {
  setChunk(rows, width, first, vocabulary, inverseTemperature, logits, ref, targets, moments);
  parallel(addChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}

/** The results [rows] of complete moments; kl is 0 without a reference. */
export function finishMoments(rows: i32, withReference: i32, moments: usize, logProb: usize, entropy: usize, kl: usize): void {
  for (let n: usize = 0; n < <usize>rows; n++) {
    const row = moments + n * BYTES, total = load<f64>(row, TOTAL), logTotal = Math.log(total);
    const largest = load<f64>(row, LARGEST);
    store<f32>(logProb + (n << 2), <f32>(load<f64>(row, TARGET) - largest - logTotal));
    store<f32>(entropy + (n << 2), <f32>(logTotal - load<f64>(row, TOTAL_D) / total));
    const logRef = load<f64>(row, REF_LARGEST) + Math.log(load<f64>(row, REF_TOTAL));
    store<f32>(kl + (n << 2), withReference ? <f32>(load<f64>(row, TOTAL_GAP) / total - largest - logTotal + logRef) : 0);
  }
}

/** In place: the logits of a chunk become their gradient; the same formula as in tokenStatistics.as.ts. */
function gradChunk(chunk: i32, scratch: usize): void {
  const width = getI(WIDTH), inverse = getF(INVERSE), first = getI(FIRST);
  const inverse4 = f32x4.splat(inverse);
  const from = chunk * rowsPerChunk(width), to = min(getI(ROWS), from + rowsPerChunk(width));
  for (let n = from; n < to; n++) {
    const at = <usize>n << 2, offset = <usize>n * <usize>width << 2;
    const x = getP(LOGITS) + offset, ref = getP(REF) ? getP(REF) + offset : 0;
    const row = getP(MOMENTS) + <usize>n * BYTES;
    const dLogProb = load<f32>(getP(LOG_PROB) + at), dEntropy = load<f32>(getP(ENTROPY) + at);
    const dKl: f32 = ref ? load<f32>(getP(KL) + at) : 0;
    const total = load<f64>(row, TOTAL);
    // d and dRef are taken relative to the largest z as everywhere, so the gap needs the distance of the two.
    const apart = load<f64>(row, LARGEST) - load<f64>(row, REF_LARGEST);
    const gap = ref ? load<f64>(row, TOTAL_GAP) / total - apart : 0;
    const c0 = f32x4.splat(<f32>(<f64>dEntropy * (load<f64>(row, TOTAL_D) / total) - <f64>dKl * gap - <f64>dLogProb));
    const c1 = f32x4.splat(-dEntropy), c2 = f32x4.splat(dKl), scale = f32x4.splat(<f32>(<f64>inverse / total));
    // The largest z was an f32 times `inverse`, so dividing gives that logit back.
    const largest4 = f32x4.splat(<f32>(load<f64>(row, LARGEST) / <f64>inverse));
    const refLargest4 = f32x4.splat(<f32>(load<f64>(row, REF_LARGEST) / <f64>inverse));
    let i = 0;
    for (; i + 4 <= width; i += 4) {
      const column = <usize>i << 2;
      const d = below4(v128.load(x + column), largest4, inverse4);
      const dRef = ref ? below4(v128.load(ref + column), refLargest4, inverse4) : d;
      v128.store(x + column, slope4(f32x4.mul(weight4(d), scale), d, dRef, c0, c1, c2));
    }
    if (i < width) {
      const column = <usize>i << 2, count = width - i;
      const d = below4(loadTail(x + column, count), largest4, inverse4);
      const dRef = ref ? below4(loadTail(ref + column, count), refLargest4, inverse4) : d;
      storeTail(x + column, slope4(f32x4.mul(weight4(d), scale), d, dRef, c0, c1, c2), count);
    }
    const target = targetAt(n) - first;
    if (target >= 0 && target < width) {
      const entry = x + (<usize>target << 2);
      store<f32>(entry, load<f32>(entry) + dLogProb * inverse);
    }
  }
}

/** logits [rows, width] of a chunk → dLogits, in place; dLogProb, dEntropy, dKl [rows]. */
export function momentsGrad(
  rows: i32, width: i32, first: i32, vocabulary: i32, inverseTemperature: f32, logits: usize, ref: usize, targets: usize, moments: usize,
  dLogProb: usize, dEntropy: usize, dKl: usize,
): void {
  setChunk(rows, width, first, vocabulary, inverseTemperature, logits, ref, targets, moments);
  setP(LOG_PROB, dLogProb);
  setP(ENTROPY, dEntropy);
  setP(KL, dKl);
  parallel(gradChunk, (rows + rowsPerChunk(width) - 1) / rowsPerChunk(width));
}
