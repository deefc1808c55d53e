// AssemblyScript. Eight rows of W side by side as the products want them, straight from the blocks of the types that most files have:
// the rows' small integers are transposed as bytes, sixteen at once, before they become numbers (transposing float32 takes four times
// as many instructions). The same values as unpacking row by row.
import { half4, highNibbles, lowNibbles } from './blocks.as';

// @ts-ignore: decorator
@inline function lowBytes(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23); }
// @ts-ignore: decorator
@inline function highBytes(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31); }
// @ts-ignore: decorator
@inline function lowTwos(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23); }
// @ts-ignore: decorator
@inline function highTwos(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31); }
// @ts-ignore: decorator
@inline function lowFours(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23); }
// @ts-ignore: decorator
@inline function highFours(x: v128, y: v128): v128 { return i8x16.shuffle(x, y, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31); }

/** The half-precision numbers at `at` of eight rows, as they lie. */
// @ts-ignore: decorator
@inline function halvesOfRows(at: usize, ld: usize): v128 {
  let all = v128.load16_splat(at);
  all = v128.load16_lane(at + ld, all, 1);
  all = v128.load16_lane(at + 2 * ld, all, 2);
  all = v128.load16_lane(at + 3 * ld, all, 3);
  all = v128.load16_lane(at + 4 * ld, all, 4);
  all = v128.load16_lane(at + 5 * ld, all, 5);
  all = v128.load16_lane(at + 6 * ld, all, 6);
  return v128.load16_lane(at + 7 * ld, all, 7);
}

/** d·q for eight bytes of two k, one behind the other: 64 bytes of a panel. */
// @ts-ignore: decorator
@inline function scaledPair(q: v128, d0: v128, d1: v128, out: usize): void {
  const even = i16x8.extend_low_i8x16_s(q), odd = i16x8.extend_high_i8x16_s(q);
  v128.store(out, f32x4.mul(d0, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(even))));
  v128.store(out, f32x4.mul(d1, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(even))), 16);
  v128.store(out, f32x4.mul(d0, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(odd))), 32);
  v128.store(out, f32x4.mul(d1, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(odd))), 48);
}

/** d·q + m likewise. */
// @ts-ignore: decorator
@inline function shiftedPair(q: v128, d0: v128, d1: v128, m0: v128, m1: v128, out: usize): void {
  const even = i16x8.extend_low_i8x16_s(q), odd = i16x8.extend_high_i8x16_s(q);
  v128.store(out, f32x4.add(m0, f32x4.mul(d0, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(even)))));
  v128.store(out, f32x4.add(m1, f32x4.mul(d1, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(even)))), 16);
  v128.store(out, f32x4.add(m0, f32x4.mul(d0, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(odd)))), 32);
  v128.store(out, f32x4.add(m1, f32x4.mul(d1, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(odd)))), 48);
}

/** One vector of transposed bytes into the panel: type 8 whole bytes, else nibbles, the high ones sixteen k later. */
// @ts-ignore: decorator
@inline function emit(type: i32, q: v128, d0: v128, d1: v128, m0: v128, m1: v128, out: usize): void {
  if (type == 8) scaledPair(q, d0, d1, out);
  else if (type == 3) {
    shiftedPair(lowNibbles(q), d0, d1, m0, m1, out);
    shiftedPair(highNibbles(q), d0, d1, m0, m1, out + 512);
  } else {
    const eight = i8x16.splat(8);
    scaledPair(i8x16.sub(lowNibbles(q), eight), d0, d1, out);
    scaledPair(i8x16.sub(highNibbles(q), eight), d0, d1, out + 512);
  }
}

/** Sixteen bytes of eight rows at `at`, transposed and emitted. */
// @ts-ignore: decorator
@inline function sixteen(type: i32, at: usize, ld: usize, d0: v128, d1: v128, m0: v128, m1: v128, out: usize): void {
  const q0 = v128.load(at), q1 = v128.load(at + ld), q2 = v128.load(at + 2 * ld), q3 = v128.load(at + 3 * ld);
  const q4 = v128.load(at + 4 * ld), q5 = v128.load(at + 5 * ld), q6 = v128.load(at + 6 * ld), q7 = v128.load(at + 7 * ld);
  let a = lowBytes(q0, q1), b = lowBytes(q2, q3), c = lowBytes(q4, q5), e = lowBytes(q6, q7);
  let ab = lowTwos(a, b), ce = lowTwos(c, e);
  emit(type, lowFours(ab, ce), d0, d1, m0, m1, out);
  emit(type, highFours(ab, ce), d0, d1, m0, m1, out + 64);
  ab = highTwos(a, b);
  ce = highTwos(c, e);
  emit(type, lowFours(ab, ce), d0, d1, m0, m1, out + 128);
  emit(type, highFours(ab, ce), d0, d1, m0, m1, out + 192);
  a = highBytes(q0, q1);
  b = highBytes(q2, q3);
  c = highBytes(q4, q5);
  e = highBytes(q6, q7);
  ab = lowTwos(a, b);
  ce = lowTwos(c, e);
  emit(type, lowFours(ab, ce), d0, d1, m0, m1, out + 256);
  emit(type, highFours(ab, ce), d0, d1, m0, m1, out + 320);
  ab = highTwos(a, b);
  ce = highTwos(c, e);
  emit(type, lowFours(ab, ce), d0, d1, m0, m1, out + 384);
  emit(type, highFours(ab, ce), d0, d1, m0, m1, out + 448);
}

function panelQ4_0(at: usize, ld: usize, blocks: i32, out: usize): void {
  const zero = f32x4.splat(0);
  for (; blocks > 0; blocks--, at += 18, out += 1024) {
    const d = halvesOfRows(at, ld);
    sixteen(2, at + 2, ld, half4(i32x4.extend_low_i16x8_u(d)), half4(i32x4.extend_high_i16x8_u(d)), zero, zero, out);
  }
}

function panelQ4_1(at: usize, ld: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, at += 20, out += 1024) {
    const d = halvesOfRows(at, ld), m = halvesOfRows(at + 2, ld);
    const d0 = half4(i32x4.extend_low_i16x8_u(d)), d1 = half4(i32x4.extend_high_i16x8_u(d));
    sixteen(3, at + 4, ld, d0, d1, half4(i32x4.extend_low_i16x8_u(m)), half4(i32x4.extend_high_i16x8_u(m)), out);
  }
}

function panelQ8_0(at: usize, ld: usize, blocks: i32, out: usize): void {
  const zero = f32x4.splat(0);
  for (; blocks > 0; blocks--, at += 34, out += 1024) {
    const d = halvesOfRows(at, ld);
    const d0 = half4(i32x4.extend_low_i16x8_u(d)), d1 = half4(i32x4.extend_high_i16x8_u(d));
    sixteen(8, at + 2, ld, d0, d1, zero, zero, out);
    sixteen(8, at + 18, ld, d0, d1, zero, zero, out + 512);
  }
}

/** Whether panelOfBlocks knows a type. */
// @ts-ignore: decorator
@inline export function hasPanels(type: i32): bool { return type == 2 || type == 3 || type == 8; }

/** out[k][j] of eight whole rows `ld` bytes apart, for as many k as `blocks` of 32 hold. @param at the first row's first block */
export function panelOfBlocks(type: i32, at: usize, ld: usize, blocks: i32, out: usize): void {
  if (type == 3) panelQ4_1(at, ld, blocks, out);
  else if (type == 8) panelQ8_0(at, ld, blocks, out);
  else panelQ4_0(at, ld, blocks, out);
}
