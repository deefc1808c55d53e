// AssemblyScript. Attention over a cache of slots, for decoding: one chunk = one row, or one row's
// share of the heads. It writes its part of
// the new keys and values (nobody else reads those positions in this call) and then attends query by query: scores of four
// keys at a time, then the weighted sum of the values, 32 dimensions of the output in registers.
import { copyBytes, fma, zeroBytes } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP, threadCount } from '../../backend/simd/parallel.as';
import { highHalves, highPairs, lowHalves, lowPairs } from '../../backend/simd/tiles.as';
import { expRange, maxOfRange } from '../attention/attention.as';

const TIME = 0, HEADS = 1, KV_HEADS = 2, HEAD_DIM = 3, SCALE = 4, CAPACITY = 5, LINKS = 6;
const Q = 7, KEYS = 8, V = 9, CACHE_K = 10, CACHE_V = 11, CHAINS = 12, O = 13, PARTS = 14, WINDOW = 15;

/** Keys (or values) that all heads go through before the next: a few KiB, read in order. */
const TOGETHER: i32 = 16;

/** Four keys, four dimensions: s + q·k, a key to a lane. */
// @ts-ignore: decorator
@inline function dotFour(q: usize, k0: usize, ld: usize, s: v128): v128 {
  const k2 = k0 + ld + ld;
  const x0 = v128.load(k0), x1 = v128.load(k0 + ld), x2 = v128.load(k2), x3 = v128.load(k2 + ld);
  const l01 = lowPairs(x0, x1), l23 = lowPairs(x2, x3);
  s = fma(v128.load_splat<f32>(q), lowHalves(l01, l23), s);
  s = fma(v128.load_splat<f32>(q, 4), highHalves(l01, l23), s);
  const h01 = highPairs(x0, x1), h23 = highPairs(x2, x3);
  s = fma(v128.load_splat<f32>(q, 8), lowHalves(h01, h23), s);
  return fma(v128.load_splat<f32>(q, 12), highHalves(h01, h23), s);
}

/** dotKeys for sixteen keys and a multiple of four dimensions: four sums that do not wait for one another. */
function dotSixteenKeys(q: usize, k: usize, ld: usize, bytes: usize, scores: usize): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const end = q + bytes, four = ld << 2;
  for (; q < end; q += 16, k += 16) {
    s0 = dotFour(q, k, ld, s0);
    s1 = dotFour(q, k + four, ld, s1);
    s2 = dotFour(q, k + four + four, ld, s2);
    s3 = dotFour(q, k + four + four + four, ld, s3);
  }
  v128.store(scores, s0);
  v128.store(scores, s1, 16);
  v128.store(scores, s2, 32);
  v128.store(scores, s3, 48);
}

/**
 * scores[j] = q·k[j] for n keys at distance ld, a key to a lane, dimension after dimension: the order of the tiles that training
 * uses, so that a sampled token's log-probability has the bits it will have in the loss. Writes up to three scores too many.
 */
function dotKeys(q: usize, k: usize, ld: usize, n: i32, dim: i32, scores: usize): void {
  const whole = <usize>(dim & ~3) << 2, bytes = <usize>dim << 2;
  let j = 0;
  if (whole == bytes) for (; j + 16 <= n; j += 16, scores += 64, k += ld << 4) dotSixteenKeys(q, k, ld, bytes, scores);
  for (; j < n; j += 4, scores += 16, k += ld << 2) {
    const last = <usize>(n - 1 - j);
    const k0 = k, k1 = k + min<usize>(1, last) * ld, k2 = k + min<usize>(2, last) * ld, k3 = k + min<usize>(3, last) * ld;
    let s = f32x4.splat(0);
    let d: usize = 0;
    for (; d < whole; d += 16) {
      const x0 = v128.load(k0 + d), x1 = v128.load(k1 + d), x2 = v128.load(k2 + d), x3 = v128.load(k3 + d);
      const l01 = lowPairs(x0, x1), h01 = highPairs(x0, x1), l23 = lowPairs(x2, x3), h23 = highPairs(x2, x3);
      s = fma(v128.load_splat<f32>(q + d), lowHalves(l01, l23), s);
      s = fma(v128.load_splat<f32>(q + d, 4), highHalves(l01, l23), s);
      s = fma(v128.load_splat<f32>(q + d, 8), lowHalves(h01, h23), s);
      s = fma(v128.load_splat<f32>(q + d, 12), highHalves(h01, h23), s);
    }
    for (; d < bytes; d += 4) {
      const column = f32x4(0, 0, 0, 0);
      const filled = f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(f32x4.replace_lane(column, 0, load<f32>(k0 + d)), 1, load<f32>(k1 + d)), 2, load<f32>(k2 + d)), 3, load<f32>(k3 + d));
      s = fma(v128.load_splat<f32>(q + d), filled, s);
    }
    v128.store(scores, s);
  }
}

/** o[0 … dim) += Σ weights[j]·v[j] for n values at distance ld. */
function combineValues(weights: usize, v: usize, ld: usize, n: i32, dim: i32, o: usize): void {
  let d = 0;
  for (; d + 32 <= dim; d += 32, v += 128, o += 128) {
    let s0 = v128.load(o), s1 = v128.load(o, 16), s2 = v128.load(o, 32), s3 = v128.load(o, 48);
    let s4 = v128.load(o, 64), s5 = v128.load(o, 80), s6 = v128.load(o, 96), s7 = v128.load(o, 112);
    let value = v, weight = weights;
    for (let j = n; j > 0; j--, value += ld, weight += 4) {
      const w = v128.load_splat<f32>(weight);
      s0 = fma(w, v128.load(value), s0);
      s1 = fma(w, v128.load(value, 16), s1);
      s2 = fma(w, v128.load(value, 32), s2);
      s3 = fma(w, v128.load(value, 48), s3);
      s4 = fma(w, v128.load(value, 64), s4);
      s5 = fma(w, v128.load(value, 80), s5);
      s6 = fma(w, v128.load(value, 96), s6);
      s7 = fma(w, v128.load(value, 112), s7);
    }
    v128.store(o, s0); v128.store(o, s1, 16); v128.store(o, s2, 32); v128.store(o, s3, 48);
    v128.store(o, s4, 64); v128.store(o, s5, 80); v128.store(o, s6, 96); v128.store(o, s7, 112);
  }
  for (; d + 16 <= dim; d += 16, v += 64, o += 64) {
    let s0 = v128.load(o), s1 = v128.load(o, 16), s2 = v128.load(o, 32), s3 = v128.load(o, 48);
    let value = v, weight = weights;
    for (let j = n; j > 0; j--, value += ld, weight += 4) {
      const w = v128.load_splat<f32>(weight);
      s0 = fma(w, v128.load(value), s0);
      s1 = fma(w, v128.load(value, 16), s1);
      s2 = fma(w, v128.load(value, 32), s2);
      s3 = fma(w, v128.load(value, 48), s3);
    }
    v128.store(o, s0); v128.store(o, s1, 16); v128.store(o, s2, 32); v128.store(o, s3, 48);
  }
  for (; d < dim; d++, v += 4, o += 4) {
    let s = v128.load_splat<f32>(o);
    for (let j: usize = 0; j < <usize>n; j++) s = fma(v128.load_splat<f32>(weights + (j << 2)), v128.load_splat<f32>(v + j * ld), s);
    store<f32>(o, f32x4.extract_lane(s, 0));
  }
}

/** Tokens that were stored before this call. */
function pastOf(chain: usize, links: i32): i32 {
  let total = 0;
  for (let l = 0; l < links; l++) total += load<i32>(chain + <usize>l * 8, 4);
  return total;
}

/** Heads per chunk share what they read: the keys of a position lie side by side, so all heads meet them in one pass. */
function rowChunk(chunk: i32, scratch: usize): void {
  const time = getI(TIME), heads = getI(HEADS), kvHeads = getI(KV_HEADS), dim = getI(HEAD_DIM), links = getI(LINKS);
  const parts = getI(PARTS), row = chunk / parts, group = heads / kvHeads;
  const kvFrom = chunk % parts * kvHeads / parts, kvTo = (chunk % parts + 1) * kvHeads / parts;
  const ld = <usize>(heads * dim) << 2, ldKv = <usize>(kvHeads * dim) << 2, headBytes = <usize>dim << 2;
  const slotBytes = <usize>getI(CAPACITY) * ldKv, headOffset = <usize>kvFrom * headBytes;
  const cacheK = getP(CACHE_K) + headOffset, cacheV = getP(CACHE_V) + headOffset;
  const chain = getP(CHAINS) + <usize>(row * links) * 8;
  const own = chain + <usize>(links - 1) * 8;
  const newOffset = <usize>load<i32>(own) * slotBytes + <usize>load<i32>(own, 4) * ldKv;
  const source = <usize>(row * time) * ldKv + headOffset;
  for (let t: usize = 0; t < <usize>time; t++) {
    copyBytes(cacheK + newOffset + t * ldKv, getP(KEYS) + source + t * ldKv, headBytes * (kvTo - kvFrom));
    copyBytes(cacheV + newOffset + t * ldKv, getP(V) + source + t * ldKv, headBytes * (kvTo - kvFrom));
  }
  const scale = getF(SCALE), window = getI(WINDOW);
  const queryHeads = (kvTo - kvFrom) * group;
  // Scores of one head behind those of the other.
  const stride = <usize>(getI(CAPACITY) * links + time + 8) << 2;
  for (let t = 0; t < time; t++) {
    const offset = <usize>(row * time + t) * ld + <usize>(kvFrom * group) * headBytes;
    const q = getP(Q) + offset, o = getP(O) + offset;
    // Keys older than the window, counted from the beginning of the chain.
    const tooOld = window > 0 ? max(0, pastOf(chain, links) + t + 1 - window) : 0;
    let n = 0, older = 0;
    for (let l = 0; l < links; l++) {
      const link = chain + <usize>l * 8;
      const length = load<i32>(link, 4) + (l == links - 1 ? t + 1 : 0);
      const keys = cacheK + <usize>load<i32>(link) * slotBytes;
      const from = min(length, max(0, tooOld - older));
      for (let j = from; j < length; j += TOGETHER) {
        const count = min(TOGETHER, length - j);
        for (let h = 0; h < queryHeads; h++) {
          dotKeys(q + <usize>h * headBytes, keys + <usize>j * ldKv + <usize>(h / group) * headBytes, ldKv, count, dim, scratch + <usize>h * stride + (<usize>(n + j - from) << 2));
        }
      }
      n += length - from;
      older += length;
    }
    for (let h = 0; h < queryHeads; h++) {
      const scores = scratch + <usize>h * stride;
      const largest = maxOfRange(scores, 0, n) * scale;
      // Behind the head's scores there is room for one more number.
      store<f32>(scores + (<usize>(n + 4) << 2), 1 / <f32>expRange(scores, 0, n, scale, largest));
    }
    zeroBytes(o, <usize>queryHeads * headBytes);
    n = 0;
    older = 0;
    for (let l = 0; l < links; l++) {
      const link = chain + <usize>l * 8;
      const length = load<i32>(link, 4) + (l == links - 1 ? t + 1 : 0);
      const values = cacheV + <usize>load<i32>(link) * slotBytes;
      const from = min(length, max(0, tooOld - older));
      for (let j = from; j < length; j += TOGETHER) {
        const count = min(TOGETHER, length - j);
        for (let h = 0; h < queryHeads; h++) {
          combineValues(scratch + <usize>h * stride + (<usize>(n + j - from) << 2), values + <usize>j * ldKv + <usize>(h / group) * headBytes, ldKv, count, dim, o + <usize>h * headBytes);
        }
      }
      n += length - from;
      older += length;
    }
    for (let h = 0; h < queryHeads; h++) {
      const factor = load<f32>(scratch + <usize>h * stride + (<usize>(n + 4) << 2));
      for (let d: usize = <usize>h * headBytes; d < <usize>(h + 1) * headBytes; d += 4) store<f32>(o + d, load<f32>(o + d) * factor);
    }
  }
}

/** Each thread needs heads · (capacity · links + time + 8) · 4 bytes of scratch. */
export function attentionCached(
  rows: i32, time: i32, heads: i32, kvHeads: i32, dim: i32, scale: f32, capacity: i32, links: i32, window: i32,
  q: usize, k: usize, v: usize, cacheK: usize, cacheV: usize, chains: usize, o: usize,
): void {
  setI(TIME, time); setI(HEADS, heads); setI(KV_HEADS, kvHeads); setI(HEAD_DIM, dim); setF(SCALE, scale);
  setI(CAPACITY, capacity); setI(LINKS, links); setI(WINDOW, window);
  setP(Q, q); setP(KEYS, k); setP(V, v); setP(CACHE_K, cacheK); setP(CACHE_V, cacheV); setP(CHAINS, chains); setP(O, o);
  // Few rows are shared by their key heads.
  const parts = rows >= 4 * threadCount() || threadCount() == 1 ? 1 : kvHeads;
  setI(PARTS, parts);
  parallel(rowChunk, rows * parts);
}
