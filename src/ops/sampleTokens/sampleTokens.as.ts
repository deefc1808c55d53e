// AssemblyScript. One token per row by inverse CDF; top-k and top-p as a threshold on a = largest logit − logit ≥ 0, whose
// bits as an unsigned integer grow with it, so that the border is found by bisection over bits: exact, and without sorting.
import { sumLanes } from '../../backend/simd/math.as';
import { getF, getI, getP, parallel, setF, setI, setP } from '../../backend/simd/parallel.as';
import { measure, measuredEntropy, measuredLargest, measuredLogProb, measuredLogTotal } from '../tokenStatistics/tokenStatistics.as';

/** Bits of +inf: the largest a there is. */
const BITS_OF_INFINITY: u32 = 0x7f800000;
/** Elements whose weights are summed in float32, then in float64. */
const BLOCK: i32 = 256;

// lib/counterRng.ts, line by line.
const GOLDEN: u32 = 0x9e3779b9;

// @ts-ignore: decorator
@inline function mix32(value: u32): u32 {
  let h = value;
  h ^= h >> 16;
  h *= 0x7feb352d;
  h ^= h >> 15;
  h *= 0x846ca68b;
  h ^= h >> 16;
  return h;
}

/** Uniform in [0, 1). */
function counterUniform(seed: u32, stream: u32, position: u32): f64 {
  let h = mix32(seed + GOLDEN);
  h = mix32((h + GOLDEN) ^ stream);
  h = mix32((h + GOLDEN) ^ position);
  return <f64>(h >> 8) / 16777216.0;
}

// @ts-ignore: decorator
@inline function distanceAt(x: usize, j: i32, largest: f32): f32 { return largest - load<f32>(x + (<usize>j << 2)); }

// @ts-ignore: decorator
@inline function weightAt(weights: usize, j: i32): f64 { return <f64>load<f32>(weights + (<usize>j << 2)); }

/** How many entries are at most this far below the largest. */
function countWithin(x: usize, n: i32, largest: f32, limit: f32): i32 {
  const largest4 = f32x4.splat(largest);
  const limit4 = f32x4.splat(limit);
  let counts = i32x4.splat(0);
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    const inside = f32x4.le(f32x4.sub(largest4, v128.load(x + (<usize>j << 2))), limit4);
    counts = i32x4.sub(counts, inside); // a lane that holds is −1
  }
  let count = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1);
  count += i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (; j < n; j++) count += i32(distanceAt(x, j, largest) <= limit);
  return count;
}

/** Sum of their weights; grows with the limit, rounding included, because only terms ≥ 0 are added and always in one order. */
function massWithin(x: usize, weights: usize, n: i32, largest: f32, limit: f32): f64 {
  const largest4 = f32x4.splat(largest);
  const limit4 = f32x4.splat(limit);
  let mass: f64 = 0;
  for (let block = 0; block < n; block += BLOCK) {
    const end = min(n, block + BLOCK);
    let sum = f32x4.splat(0);
    let j = block;
    for (; j + 4 <= end; j += 4) {
      const at = <usize>j << 2;
      const inside = f32x4.le(f32x4.sub(largest4, v128.load(x + at)), limit4);
      sum = f32x4.add(sum, v128.and(v128.load(weights + at), inside));
    }
    mass += <f64>sumLanes(sum);
    for (; j < end; j++) if (distanceAt(x, j, largest) <= limit) mass += weightAt(weights, j);
  }
  return mass;
}

// @ts-ignore: decorator
@inline function fromBits(bits: u32): f32 { return reinterpret<f32>(bits); }

/** The k-th smallest distance: all its equals are kept. */
function topKLimit(x: usize, n: i32, largest: f32, k: i32): f32 {
  let low: u32 = 0;
  let high = BITS_OF_INFINITY;
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (countWithin(x, n, largest, fromBits(middle)) >= k) high = middle;
    else low = middle + 1;
  }
  return fromBits(low);
}

/** The smallest distance within which the weights reach `mass`. */
function topPLimit(x: usize, weights: usize, n: i32, largest: f32, limit: f32, mass: f64): f32 {
  let low: u32 = 0;
  let high = reinterpret<u32>(limit);
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (massWithin(x, weights, n, largest, fromBits(middle)) >= mass) high = middle;
    else low = middle + 1;
  }
  return fromBits(low);
}

/** The first id whose cumulative weight exceeds u of what is kept. At the border only `atBorder` equals are kept. */
function draw(x: usize, weights: usize, n: i32, largest: f32, limit: f32, atBorder: i32, kept: f64, u: f64): i32 {
  const goal = u * kept;
  let sum: f64 = 0;
  let last = 0;
  let border = atBorder;
  for (let j = 0; j < n; j++) {
    const distance = distanceAt(x, j, largest);
    if (!(distance <= limit) || (distance == limit && border-- <= 0)) continue;
    const weight = weightAt(weights, j);
    if (weight == 0) continue;
    sum += weight;
    last = j;
    if (sum > goal) return j;
  }
  return last;
}

/** The weight of one of the entries exactly at the border. */
function weightAtBorder(x: usize, weights: usize, n: i32, largest: f32, limit: f32): f64 {
  for (let j = 0; j < n; j++) if (distanceAt(x, j, largest) == limit) return weightAt(weights, j);
  return 0;
}

function sample(x: usize, weights: usize, n: i32, largest: f32, u: f64): i32 {
  const topK = getI(3);
  const topP = <f64>getF(4) + <f64>getF(12);
  let limit = fromBits(BITS_OF_INFINITY);
  let atBorder = n;
  if (topK > 0 && topK < n) limit = topKLimit(x, n, largest, topK);
  let kept = massWithin(x, weights, n, largest, limit);
  if (topP < 1) {
    const mass = topP * kept;
    limit = topPLimit(x, weights, n, largest, limit, mass);
    // Equals at the border: lower ids first, until the mass is reached; at least one.
    const bits = reinterpret<u32>(limit);
    const inside = bits == 0 ? 0 : massWithin(x, weights, n, largest, fromBits(bits - 1));
    const each = weightAtBorder(x, weights, n, largest, limit);
    atBorder = 1;
    while (atBorder < n && inside + each * <f64>atBorder < mass) atBorder++;
    kept = inside + each * <f64>atBorder;
  }
  return draw(x, weights, n, largest, limit, atBorder, kept, u);
}

/** Lowest id of the largest logit. */
function argMax(x: usize, n: i32, largest: f32): i32 {
  for (let j = 0; j < n; j++) if (load<f32>(x + (<usize>j << 2)) == largest) return j;
  return 0;
}

function sampleChunk(row: i32, scratch: usize): void {
  const width = getI(1);
  const inverse = getF(5);
  const x = getP(7) + (<usize>row * <usize>width << 2);
  measure(x, 0, width, inverse, scratch);
  const largest = measuredLargest();
  let id: i32;
  if (getI(2)) {
    id = argMax(x, width, largest);
  } else {
    const key = getP(8) + (<usize>row << 3);
    id = sample(x, scratch, width, largest, counterUniform(<u32>getI(6), load<u32>(key), load<u32>(key, 4)));
  }
  const at = <usize>row << 2;
  store<i32>(getP(9) + at, id);
  const logTotal = measuredLogTotal();
  store<f32>(getP(10) + at, <f32>measuredLogProb(logTotal, x, id, inverse));
  store<f32>(getP(11) + at, <f32>measuredEntropy(logTotal));
}

/**
 * logits [rows, width], keys [rows, 2] int32; ids int32, logProb, entropy [rows]. greedy 0 or 1 (then the inverse
 * temperature is 1). One float of scratch per entry of a row.
 */
export function sampleTokens(
  rows: i32, width: i32, greedy: i32, topK: i32, topP: f64, inverseTemperature: f32, seed: i32,
  logits: usize, keys: usize, ids: usize, logProb: usize, entropy: usize,
): void {
  setI(0, rows);
  setI(1, width);
  setI(2, greedy);
  setI(3, topK);
  // In two parts: 0.9 as one float32 is not 0.9.
  setF(4, <f32>topP);
  setF(12, <f32>(topP - <f64><f32>topP));
  setF(5, inverseTemperature);
  setI(6, seed);
  setP(7, logits);
  setP(8, keys);
  setP(9, ids);
  setP(10, logProb);
  setP(11, entropy);
  parallel(sampleChunk, rows);
}
