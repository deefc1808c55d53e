// AssemblyScript. Vector arithmetic that the kernels share.

/** a·b + c. Relaxed SIMD rounds once where the machine has a fused instruction; plain SIMD rounds twice. */
// @ts-ignore: decorator
@inline export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes, pairwise: (0+2) + (1+3). */
// @ts-ignore: decorator
@inline export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The lane sums of four vectors as one vector; each sum in the same order as sumLanes. */
// @ts-ignore: decorator
@inline export function sumLanesOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  // (0+2, 1+3) of a and b, then of c and d.
  const ab = f32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  const cd = f32x4.add(
    i8x16.shuffle(c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
  return f32x4.add(
    i8x16.shuffle(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
    i8x16.shuffle(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
  );
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline export function maxLanes(x: v128): f32 {
  const pairs = f32x4.max(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** memory.fill and memory.copy leave WASM for a call of the engine, which costs more than a short row: these do not. */
export function zeroBytes(at: usize, bytes: usize): void {
  const end = at + bytes, endOfFours = at + (bytes & ~15), zero = f32x4.splat(0);
  for (; at < endOfFours; at += 16) v128.store(at, zero);
  for (; at < end; at += 4) store<f32>(at, 0);
}

/** Whole floats, not overlapping. */
export function copyBytes(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes, endOfFours = to + (bytes & ~15);
  for (; to < endOfFours; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<f32>(to, load<f32>(from));
}

const LOG2E: f32 = 1.4426950408889634;
/** ln 2 in two parts: LN2_HIGH has 9 trailing zero bits, so n·LN2_HIGH is exact for |n| < 512. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/** 1.5·2^23: a float32 this large has no bits left for a fraction, so adding it rounds, and its low bits are the integer. */
const ROUNDER: f32 = 12582912;

/**
 * e^x for four lanes; x is clamped to [−87.33, 88.37], so −inf gives about 1e-38 (callers that need 0 mask it) and never inf.
 * x = n·ln 2 + r, |r| ≤ ln 2 / 2; e^r by a degree-6 Taylor-like polynomial in Horner form, then n is added to the exponent.
 * pmin and pmax are one instruction each on x86 (min and max are eight); NaN stays NaN.
 */
// @ts-ignore: decorator
@inline export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.37)), f32x4.splat(-87.33));
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2E)), f32x4.splat(ROUNDER));
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  let r = fma(n, f32x4.splat(-LN2_HIGH), x);
  r = fma(n, f32x4.splat(-LN2_LOW), r);
  let p = fma(r, f32x4.splat(1.9875691500e-4), f32x4.splat(1.3981999507e-3));
  p = fma(p, r, f32x4.splat(8.3334519073e-3));
  p = fma(p, r, f32x4.splat(4.1665795894e-2));
  p = fma(p, r, f32x4.splat(1.6666665459e-1));
  p = fma(p, r, f32x4.splat(5.0000001201e-1));
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(rounded, 23));
}

/** e^x of one number, by the same polynomial (same bits as a lane of exp4). */
// @ts-ignore: decorator
@inline export function exp1(x: f32): f32 { return f32x4.extract_lane(exp4(f32x4.splat(x)), 0); }

/**
 * Natural logarithm of four positive normal numbers (others give junk; callers mask). x = 2^e·m, m in [√½, √2);
 * log m by the degree-8 minimax polynomial of Cephes' logf (Moshier 1989), which is also where exp4's coefficients are from.
 */
// @ts-ignore: decorator
@inline export function log4(x: v128): v128 {
  let e = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127));
  let m = v128.or(v128.and(x, i32x4.splat(0x7fffff)), i32x4.splat(0x3f800000));
  const large = f32x4.gt(m, f32x4.splat(1.41421356));
  m = v128.bitselect(f32x4.mul(m, f32x4.splat(0.5)), m, large);
  e = i32x4.sub(e, large);
  const n = f32x4.convert_i32x4_s(e), f = f32x4.sub(m, f32x4.splat(1)), z = f32x4.mul(f, f);
  let p = fma(f, f32x4.splat(7.0376836292e-2), f32x4.splat(-1.1514610310e-1));
  p = fma(p, f, f32x4.splat(1.1676998740e-1));
  p = fma(p, f, f32x4.splat(-1.2420140846e-1));
  p = fma(p, f, f32x4.splat(1.4249322787e-1));
  p = fma(p, f, f32x4.splat(-1.6668057665e-1));
  p = fma(p, f, f32x4.splat(2.0000714765e-1));
  p = fma(p, f, f32x4.splat(-2.4999993993e-1));
  p = fma(p, f, f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(p, f32x4.mul(f, z));
  p = fma(n, f32x4.splat(LN2_LOW), p);
  p = fma(z, f32x4.splat(-0.5), p);
  return fma(n, f32x4.splat(LN2_HIGH), f32x4.add(f, p));
}

/** For tests: out[i] = exp(in[i]) or log(in[i]), n a multiple of four. */
export function mapFunction(which: i32, n: i32, from: usize, out: usize): void {
  for (let i: usize = 0; i < <usize>n << 2; i += 16) v128.store(out + i, which ? log4(v128.load(from + i)) : exp4(v128.load(from + i)));
}
