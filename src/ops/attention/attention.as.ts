// AssemblyScript. Attention for training, forward and backward. Work is shared by (row of the batch, head); a block of 24
// queries meets only the keys that one of them sees, its scores live in the thread's scratch, never in a tensor.
// Backward computes the probabilities again from lse; a (row, key head) pair belongs to one chunk with all its query heads,
// so dk and dv are summed in a fixed order.
import { exp4, log4, maxLanes, sumLanes, zeroBytes } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP, threadCount, ZEROS } from '../../backend/simd/parallel.as';
import { highHalves, MR, multiplyBlock, NR, packPlain, packTransposed } from '../../backend/simd/tiles.as';

const BATCH = 0, TIME = 1, HEADS = 2, KV_HEADS = 3, HEAD_DIM = 4, SCALE = 5, Q = 6, KEYS = 7, V = 8, RANGES = 9;
const O = 10, LSE = 11, DY = 12, DQ = 13, DK = 14, DV = 15, PARTS = 16, PART_QUERIES = 17;

/** Queries per block: four tiles high. */
export const BLOCK: i32 = 24;
/** Backward: blocks whose probabilities are kept together, so that dk and dv sum over many queries at once. */
const BLOCKS_KEPT: i32 = 4;
const EDGE: usize = 256;

/** Per thread (each instance of the module has its own globals): the one or two runs of keys that a block of queries sees,
 *  rounded outwards to panels of 8. Empty = low ≥ high. */
let lowA: i32 = 0, highA: i32 = 0, lowB: i32 = 0, highB: i32 = 0;
/** A single query's two segments, disjoint and in order. */
let startA: i32 = 0, endA: i32 = 0, startB: i32 = 0, endB: i32 = 0;

/** Reads one query's ranges as disjoint segments. */
// @ts-ignore: decorator
@inline function readSegments(ranges: usize, t: i32): void {
  const time = getI(TIME);
  const range = ranges + <usize>t * 12;
  startA = max(0, load<i32>(range));
  endA = min(time, load<i32>(range, 4));
  startB = max(0, load<i32>(range, 8));
  endB = t + 1;
  if (endA <= startA) startA = endA = 0;
  if (endB <= startB) startB = endB = 0;
  if (endA == 0) { startA = startB; endA = endB; startB = endB = 0; }
  else if (endB > 0) {
    if (startB < startA) { const s = startA, e = endA; startA = startB; endA = endB; startB = s; endB = e; }
    if (startB <= endA) { endA = max(endA, endB); startB = endB = 0; }
  }
}

function findRuns(ranges: usize, from: i32, to: i32): void {
  lowA = lowB = i32.MAX_VALUE;
  highA = highB = 0;
  for (let t = from; t < to; t++) {
    readSegments(ranges, t);
    if (endA > startA) { lowA = min(lowA, startA); highA = max(highA, endA); }
    if (endB > startB) { lowB = min(lowB, startB); highB = max(highB, endB); }
  }
  if (highA > 0) { lowA &= ~7; highA = (highA + 7) & ~7; } else lowA = 0;
  if (highB > 0) { lowB &= ~7; highB = (highB + 7) & ~7; } else lowB = 0;
  if (highB > 0 && lowB <= highA && lowA <= highB) {
    lowA = min(lowA, lowB);
    highA = max(highA, highB);
    lowB = highB = 0;
  }
}

// @ts-ignore: decorator
@inline export function firstLanes(n: i32): v128 { return i32x4.gt_s(i32x4.splat(n), i32x4(0, 1, 2, 3)); }

function zeroRange(row: usize, from: i32, to: i32): void {
  if (to > from) zeroBytes(row + (<usize>from << 2), <usize>(to - from) << 2);
}

export function maxOfRange(row: usize, from: i32, to: i32): f32 {
  let largest = f32x4.splat(-Infinity);
  let j = from;
  for (; j + 4 <= to; j += 4) largest = f32x4.max(largest, v128.load(row + (<usize>j << 2)));
  if (j < to) {
    largest = f32x4.max(largest, v128.bitselect(v128.load(row + (<usize>j << 2)), f32x4.splat(-Infinity), firstLanes(to - j)));
  }
  return maxLanes(largest);
}

/**
 * row[j] = exp(scale·row[j] − shift) in the range.
 * @returns the sum, in float64: so many bits that the order of the terms (which differs between training and decoding) is lost in rounding
 */
export function expRange(row: usize, from: i32, to: i32, scale: f32, shift: f32): f64 {
  const factor = f32x4.splat(scale), offset = f32x4.splat(shift);
  let low = f64x2.splat(0), high = low;
  let j = from;
  for (; j + 4 <= to; j += 4) {
    const at = row + (<usize>j << 2);
    const e = exp4(f32x4.sub(f32x4.mul(v128.load(at), factor), offset));
    v128.store(at, e);
    low = f64x2.add(low, f64x2.promote_low_f32x4(e));
    high = f64x2.add(high, f64x2.promote_low_f32x4(highHalves(e, e)));
  }
  if (j < to) {
    const at = row + (<usize>j << 2), valid = firstLanes(to - j), before = v128.load(at);
    const e = exp4(f32x4.sub(f32x4.mul(before, factor), offset));
    v128.store(at, v128.bitselect(e, before, valid));
    const counted = v128.and(e, valid);
    low = f64x2.add(low, f64x2.promote_low_f32x4(counted));
    high = f64x2.add(high, f64x2.promote_low_f32x4(highHalves(counted, counted)));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** Zeroes what this query does not see within [low, high). Its segments have been read. */
function maskRow(row: usize, low: i32, high: i32): void {
  let at = low;
  if (endA > startA && startA < high && endA > low) {
    zeroRange(row, at, startA);
    at = max(at, endA);
  }
  if (endB > startB && startB < high && endB > low) {
    zeroRange(row, at, startB);
    at = max(at, endB);
  }
  zeroRange(row, at, high);
}

/** Bytes from one row of scores to the next: room for the rounded keys, never a power of two apart. */
// @ts-ignore: decorator
@inline function scoreStride(time: i32): usize {
  const stride = <usize>((time + 15) & ~7) << 2;
  return (stride & 511) == 0 ? stride + 32 : stride;
}

/** Panels of keys or values transposed: [key/8][d][8], keys from a multiple of 8. */
function packKeys(from: i32, to: i32, time: i32, dim: i32, source: usize, ld: usize, out: usize): void {
  for (let j = from; j < to; j += NR) {
    packTransposed(dim, min(NR, time - j), source + <usize>j * ld, ld, out + <usize>j * (<usize>dim << 2), 1);
  }
}

/** Panels of columns: [d/8][time][8]. */
function packValues(from: i32, to: i32, time: i32, dim: i32, source: usize, ld: usize, out: usize): void {
  for (let d = 0; d < dim; d += NR) {
    packPlain(to - from, source + <usize>from * ld + (<usize>d << 2), ld, out + <usize>(d / NR * time + from) * 32, 1);
  }
}

/** scores[:, run] = A·Bᵀ for both runs, with `panels` as packKeys leaves them. */
function scoreRuns(rows: i32, dim: i32, a: usize, lda: usize, panels: usize, scores: usize, stride: usize, edge: usize): void {
  const panel = <usize>dim * 32, step = <usize>dim << 2;
  if (highA > lowA) multiplyBlock(rows, highA - lowA, dim, true, a, lda * MR, lda, panels + <usize>lowA * step, panel, 32, ZEROS, 0, 0, scores + (<usize>lowA << 2), stride, edge);
  if (highB > lowB) multiplyBlock(rows, highB - lowB, dim, true, a, lda * MR, lda, panels + <usize>lowB * step, panel, 32, ZEROS, 0, 0, scores + (<usize>lowB << 2), stride, edge);
}

/** out = weights[:, runs]·values, with `panels` as packValues leaves them. */
function combineRuns(rows: i32, dim: i32, time: i32, weights: usize, stride: usize, panels: usize, out: usize, ld: usize, edge: usize): void {
  const bStep = <usize>time * 32;
  // Also with nothing to see one product (of length 0) has to write the zeros.
  multiplyBlock(rows, dim, min(highA, time) - lowA, true, weights + (<usize>lowA << 2), stride * MR, stride, panels + <usize>lowA * 32, bStep, 32, ZEROS, 0, 0, out, ld, edge);
  if (highB > lowB) multiplyBlock(rows, dim, min(highB, time) - lowB, true, weights + (<usize>lowB << 2), stride * MR, stride, panels + <usize>lowB * 32, bStep, 32, out, ld, 32, out, ld, edge);
}

function forwardChunk(chunk: i32, scratch: usize): void {
  const time = getI(TIME), heads = getI(HEADS), dim = getI(HEAD_DIM), kvHeads = getI(KV_HEADS), parts = getI(PARTS);
  const part = chunk % parts, h = (chunk / parts) % heads, b = chunk / parts / heads;
  const from = part * getI(PART_QUERIES), to = min(time, from + getI(PART_QUERIES));
  const ld = <usize>(heads * dim) << 2, ldKv = <usize>(kvHeads * dim) << 2;
  const headBytes = <usize>dim << 2, kvHead = <usize>(h * kvHeads / heads);
  const ranges = getP(RANGES) + <usize>(b * time) * 12;
  const q = getP(Q) + <usize>(b * time) * ld + <usize>h * headBytes;
  const o = getP(O) + <usize>(b * time) * ld + <usize>h * headBytes;
  const lse = getP(LSE) + (<usize>((b * heads + h) * time) << 2);
  const scale = getF(SCALE);
  const padded = <usize>((time + 7) & ~7), paddedDim = <usize>((dim + 7) & ~7);
  const keys = scratch + EDGE, values = keys + padded * headBytes, scores = values + <usize>time * (paddedDim << 2);
  const stride = scoreStride(time);
  // Only keys that a query of this part sees are packed.
  findRuns(ranges, from, to);
  const low = highB > 0 ? min(lowA, lowB) : lowA, high = min(time, max(highA, highB));
  packKeys(low, high, time, dim, getP(KEYS) + <usize>(b * time) * ldKv + kvHead * headBytes, ldKv, keys);
  packValues(low, high, time, dim, getP(V) + <usize>(b * time) * ldKv + kvHead * headBytes, ldKv, values);
  for (let q0 = from; q0 < to; q0 += BLOCK) {
    const rows = min(BLOCK, to - q0);
    findRuns(ranges, q0, q0 + rows);
    scoreRuns(rows, dim, q + <usize>q0 * ld, ld, keys, scores, stride, scratch);
    const sums = scores + <usize>BLOCK * stride;
    for (let i = 0; i < rows; i++) {
      const row = scores + <usize>i * stride;
      readSegments(ranges, q0 + i);
      maskRow(row, lowA, highA);
      maskRow(row, lowB, highB);
      let sum: f64 = 0;
      let largest: f32 = -Infinity;
      if (endA > startA) {
        largest = maxOfRange(row, startA, endA);
        if (endB > startB) largest = max(largest, maxOfRange(row, startB, endB));
        largest *= scale;
        sum = expRange(row, startA, endA, scale, largest);
        if (endB > startB) sum += expRange(row, startB, endB, scale, largest);
      }
      store<f32>(sums + (<usize>i << 2), <f32>sum);
      store<f32>(sums + BLOCK * 4 + (<usize>i << 2), largest);
    }
    finishSums(sums, rows, lse + (<usize>q0 << 2));
    const out = o + <usize>q0 * ld;
    combineRuns(rows, dim, time, scores, stride, values, out, ld, scratch);
    for (let i = 0; i < rows; i++) scaleRow(out + <usize>i * ld, dim, load<f32>(sums + (<usize>i << 2)));
  }
}

/** sums[i] becomes 1/sum (0 for a query that sees nothing), lse[i] = largest[i] + log sum (−inf for it). */
function finishSums(sums: usize, rows: i32, lse: usize): void {
  const largest = sums + BLOCK * 4, result = largest + BLOCK * 4, one = f32x4.splat(1), zero = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>rows << 2; i += 16) {
    const sum = v128.load(sums + i), none = f32x4.eq(sum, zero);
    v128.store(result + i, v128.bitselect(f32x4.splat(-Infinity), f32x4.add(v128.load(largest + i), log4(sum)), none));
    v128.store(sums + i, v128.andnot(f32x4.div(one, sum), none));
  }
  for (let i: usize = 0; i < <usize>rows << 2; i += 4) store<f32>(lse + i, load<f32>(result + i));
}

function scaleRow(row: usize, n: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  let j = 0;
  for (; j + 4 <= n; j += 4, row += 16) v128.store(row, f32x4.mul(v128.load(row), factors));
  for (; j < n; j++, row += 4) store<f32>(row, load<f32>(row) * factor);
}

/** Σ x·y */
function dotRows(x: usize, y: usize, n: i32): f32 {
  let sum = f32x4.splat(0);
  let j = 0;
  for (; j + 4 <= n; j += 4, x += 16, y += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(x), v128.load(y)));
  let total = sumLanes(sum);
  for (; j < n; j++, x += 4, y += 4) total += load<f32>(x) * load<f32>(y);
  return total;
}

/** d[j] = scale·p[j]·(d[j] − delta) in [from, to), four at a time (junk after `to` stays within the row's padding). */
function scoreGradient(p: usize, d: usize, from: i32, to: i32, scale: f32, delta: f32): void {
  const factor = f32x4.splat(scale), deltas = f32x4.splat(delta);
  for (let j = <usize>from << 2; j < <usize>to << 2; j += 16) {
    v128.store(d + j, f32x4.mul(f32x4.mul(factor, v128.load(p + j)), f32x4.sub(v128.load(d + j), deltas)));
  }
}

/** target[keys] += weights[queries, keys]ᵀ·panels[queries] for every group of keys, over the queries that see some of it. */
function accumulateKeys(
  queries: i32, low: i32, high: i32, firstSeen: usize, dim: i32, time: i32, weights: usize, stride: usize, panels: usize, target: usize, ld: usize, edge: usize,
): void {
  for (let j = low; j < high; j += BLOCK) {
    const from = load<i32>(firstSeen + <usize>(j / BLOCK) * 4);
    if (from >= queries) continue;
    const rows = min(BLOCK, min(high, time) - j);
    const at = target + <usize>j * ld;
    multiplyBlock(rows, dim, queries - from, false, weights + <usize>from * stride + (<usize>j << 2), 24, stride, panels + <usize>from * 32, <usize>time * 32, 32, at, ld, 32, at, ld, edge);
  }
}

function backwardChunk(chunk: i32, scratch: usize): void {
  const time = getI(TIME), heads = getI(HEADS), dim = getI(HEAD_DIM), kvHeads = getI(KV_HEADS);
  const kvHead = chunk % kvHeads, b = chunk / kvHeads, group = heads / kvHeads;
  const ld = <usize>(heads * dim) << 2, ldKv = <usize>(kvHeads * dim) << 2, headBytes = <usize>dim << 2;
  const ranges = getP(RANGES) + <usize>(b * time) * 12;
  const kvOffset = <usize>(b * time) * ldKv + <usize>kvHead * headBytes;
  const keys = getP(KEYS) + kvOffset, v = getP(V) + kvOffset, dk = getP(DK) + kvOffset, dv = getP(DV) + kvOffset;
  const scale = getF(SCALE), stride = scoreStride(time);
  const padded = <usize>((time + 7) & ~7), panelBytes = <usize>time * ((<usize>((dim + 7) & ~7)) << 2);
  const keysT = scratch + EDGE, valuesT = keysT + padded * headBytes, keyPanels = valuesT + padded * headBytes;
  const qPanels = keyPanels + panelBytes, dyPanels = qPanels + panelBytes;
  const kept = <usize>(BLOCK * BLOCKS_KEPT);
  const p = dyPanels + panelBytes, d = p + kept * stride, firstSeen = d + kept * stride;
  packKeys(0, time, time, dim, keys, ldKv, keysT);
  packKeys(0, time, time, dim, v, ldKv, valuesT);
  packValues(0, time, time, dim, keys, ldKv, keyPanels);
  for (let t = 0; t < time; t++) {
    zeroBytes(dk + <usize>t * ldKv, headBytes);
    zeroBytes(dv + <usize>t * ldKv, headBytes);
  }
  for (let h = kvHead * group; h < (kvHead + 1) * group; h++) {
    const offset = <usize>(b * time) * ld + <usize>h * headBytes;
    const q = getP(Q) + offset, o = getP(O) + offset, dy = getP(DY) + offset, dq = getP(DQ) + offset;
    const lse = getP(LSE) + (<usize>((b * heads + h) * time) << 2);
    packValues(0, time, time, dim, q, ld, qPanels);
    packValues(0, time, time, dim, dy, ld, dyPanels);
    for (let k0 = 0; k0 < time; k0 += BLOCK * BLOCKS_KEPT) {
      const queries = min(BLOCK * BLOCKS_KEPT, time - k0);
      findRuns(ranges, k0, k0 + queries);
      // From a whole group of keys on, because dk and dv are summed group by group.
      const low = (highB > 0 ? min(lowA, lowB) : lowA) / BLOCK * BLOCK, high = max(highA, highB);
      for (let g = low / BLOCK; g * BLOCK < high; g++) store<i32>(firstSeen + <usize>g * 4, queries);
      for (let q0 = 0; q0 < queries; q0 += BLOCK) {
        const rows = min(BLOCK, queries - q0), t0 = k0 + q0;
        const pBlock = p + <usize>q0 * stride, dBlock = d + <usize>q0 * stride;
        findRuns(ranges, t0, t0 + rows);
        scoreRuns(rows, dim, q + <usize>t0 * ld, ld, keysT, pBlock, stride, scratch);
        scoreRuns(rows, dim, dy + <usize>t0 * ld, ld, valuesT, dBlock, stride, scratch);
        for (let g = lowA / BLOCK; g * BLOCK < highA; g++) store<i32>(firstSeen + <usize>g * 4, min(q0, load<i32>(firstSeen + <usize>g * 4)));
        for (let g = lowB / BLOCK; g * BLOCK < highB; g++) store<i32>(firstSeen + <usize>g * 4, min(q0, load<i32>(firstSeen + <usize>g * 4)));
        for (let i = 0; i < rows; i++) {
          const t = t0 + i;
          const pRow = pBlock + <usize>i * stride, dRow = dBlock + <usize>i * stride;
          const shift = load<f32>(lse + (<usize>t << 2));
          readSegments(ranges, t);
          // Outside this block's runs other blocks of the same group may have keys: there the weights are 0.
          maskRow(pRow, low, high);
          if (endA > startA) expRange(pRow, startA, endA, scale, shift);
          if (endB > startB) expRange(pRow, startB, endB, scale, shift);
          const delta = dotRows(dy + <usize>t * ld, o + <usize>t * ld, dim);
          scoreGradient(pRow, dRow, lowA, highA, scale, delta);
          scoreGradient(pRow, dRow, lowB, highB, scale, delta);
          // scoreGradient leaves junk·0 = 0 inside the runs; outside them d was never written.
          zeroOutsideRuns(dRow, low, high);
        }
        combineRuns(rows, dim, time, dBlock, stride, keyPanels, dq + <usize>t0 * ld, ld, scratch);
      }
      const panelOffset = <usize>k0 * 32;
      accumulateKeys(queries, low, high, firstSeen, dim, time, p, stride, dyPanels + panelOffset, dv, ldKv, scratch);
      accumulateKeys(queries, low, high, firstSeen, dim, time, d, stride, qPanels + panelOffset, dk, ldKv, scratch);
    }
  }
}

/** Zeroes [low, high) except the two runs (lowA ≤ … and lowB ≤ … in any order). */
function zeroOutsideRuns(row: usize, low: i32, high: i32): void {
  const second = highB > 0;
  const firstLow = second && lowB < lowA ? lowB : lowA, firstHigh = second && lowB < lowA ? highB : highA;
  zeroRange(row, low, firstLow);
  if (!second) { zeroRange(row, max(low, firstHigh), high); return; }
  const lastLow = lowB < lowA ? lowA : lowB, lastHigh = lowB < lowA ? highA : highB;
  zeroRange(row, firstHigh, lastLow);
  zeroRange(row, lastHigh, high);
}

function setSizes(batch: i32, time: i32, heads: i32, kvHeads: i32, dim: i32, scale: f32): void {
  setI(BATCH, batch);
  setI(TIME, time);
  setI(HEADS, heads);
  setI(KV_HEADS, kvHeads);
  setI(HEAD_DIM, dim);
  setF(SCALE, scale);
}

/** Bytes of scratch that each thread needs. */
export function attentionScratch(time: i32, dim: i32, backward: i32): i32 {
  const panels = <usize>((time + 7) & ~7) * <usize>((dim + 7) & ~7) * 4;
  const rows = backward ? 2 * BLOCK * BLOCKS_KEPT : BLOCK;
  return <i32>(EDGE + panels * (backward ? 5 : 2) + <usize>rows * scoreStride(time) + <usize>(time + 3 * BLOCK) * 4 + 1024);
}

export function attention(
  batch: i32, time: i32, heads: i32, kvHeads: i32, dim: i32, scale: f32, q: usize, k: usize, v: usize, ranges: usize, o: usize, lse: usize,
): void {
  setSizes(batch, time, heads, kvHeads, dim, scale);
  setP(Q, q); setP(KEYS, k); setP(V, v); setP(RANGES, ranges); setP(O, o); setP(LSE, lse);
  // Long sequences with few heads are shared by parts of the queries; each part packs the keys it sees for itself.
  const wanted = threadCount() == 1 ? 1 : (threadCount() * 4 + batch * heads - 1) / (batch * heads);
  const parts = max(1, min(wanted, time / 96));
  const partQueries = ((time + parts - 1) / parts + BLOCK - 1) / BLOCK * BLOCK;
  setI(PARTS, (time + partQueries - 1) / partQueries);
  setI(PART_QUERIES, partQueries);
  parallel(forwardChunk, batch * heads * getI(PARTS));
}

export function attentionGrad(
  batch: i32, time: i32, heads: i32, kvHeads: i32, dim: i32, scale: f32, q: usize, k: usize, v: usize, ranges: usize,
  o: usize, lse: usize, dy: usize, dq: usize, dk: usize, dv: usize,
): void {
  setSizes(batch, time, heads, kvHeads, dim, scale);
  setP(Q, q); setP(KEYS, k); setP(V, v); setP(RANGES, ranges); setP(O, o); setP(LSE, lse);
  setP(DY, dy); setP(DQ, dq); setP(DK, dk); setP(DV, dv);
  parallel(backwardChunk, batch * kvHeads);
}
