// AssemblyScript. Numbers out of ggml's blocks, sixteen at a time. Products of a scale and a small integer are exact in float32, and
// what has a minimum is rounded once when it is added: the same values as src/lib/blocks, bit for bit.
// Type numbers are ggml's.

/** 2^112: moves the exponent of a half-precision number, shifted into place, to where float32 wants it; subnormals too. */
const HALF_SCALE: f32 = 5.192296858534828e33;

/** A half-precision number (infinities come out as 65536: the loader refuses them). */
// @ts-ignore: decorator
@inline export function half(at: usize): f32 {
  const bits = <u32>load<u16>(at);
  const magnitude = reinterpret<f32>((bits & 0x7fff) << 13) * HALF_SCALE;
  return reinterpret<f32>(reinterpret<u32>(magnitude) | ((bits & 0x8000) << 16));
}

/** Four half-precision numbers out of the low halves of four integers. */
// @ts-ignore: decorator
@inline export function half4(bits: v128): v128 {
  const magnitude = f32x4.mul(i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13), f32x4.splat(HALF_SCALE));
  return v128.or(magnitude, i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16));
}

/** out[i] = d·q[i] for sixteen signed bytes. */
// @ts-ignore: decorator
@inline function scaled16(q: v128, d: v128, out: usize): void {
  const low = i16x8.extend_low_i8x16_s(q), high = i16x8.extend_high_i8x16_s(q);
  v128.store(out, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low))));
  v128.store(out, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low))), 16);
  v128.store(out, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high))), 32);
  v128.store(out, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high))), 48);
}

/** out[i] = d·q[i] + m for sixteen bytes below 128. */
// @ts-ignore: decorator
@inline function shifted16(q: v128, d: v128, m: v128, out: usize): void {
  const low = i16x8.extend_low_i8x16_s(q), high = i16x8.extend_high_i8x16_s(q);
  v128.store(out, f32x4.add(m, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)))));
  v128.store(out, f32x4.add(m, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)))), 16);
  v128.store(out, f32x4.add(m, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)))), 32);
  v128.store(out, f32x4.add(m, f32x4.mul(d, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)))), 48);
}

// @ts-ignore: decorator
@inline export function lowNibbles(q: v128): v128 { return v128.and(q, i8x16.splat(15)); }
// @ts-ignore: decorator
@inline export function highNibbles(q: v128): v128 { return v128.and(i16x8.shr_u(q, 4), i8x16.splat(15)); }
/** Two bits of every byte, from bit `shift` on. */
// @ts-ignore: decorator
@inline function bitPairs(q: v128, shift: i32): v128 { return v128.and(i16x8.shr_u(q, shift), i8x16.splat(3)); }

/** 16 in every byte whose bit is set in the 16 bits at `at`. */
// @ts-ignore: decorator
@inline function fifthBits(at: usize): v128 {
  const each = i8x16.splat(0);
  const spread = i8x16.shuffle(v128.load16_splat(at), each, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return v128.and(i8x16.eq(v128.and(spread, bits), bits), i8x16.splat(16));
}

/** The steps of IQ4_NL and IQ4_XS. */
// @ts-ignore: decorator
@inline function iq4(nibbles: v128): v128 {
  return i8x16.swizzle(i8x16(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113), nibbles);
}

function unpackQ4_0(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 18, out += 128) {
    const d = f32x4.splat(half(from)), q = v128.load(from, 2), eight = i8x16.splat(8);
    scaled16(i8x16.sub(lowNibbles(q), eight), d, out);
    scaled16(i8x16.sub(highNibbles(q), eight), d, out + 64);
  }
}

function unpackQ4_1(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 20, out += 128) {
    const d = f32x4.splat(half(from)), m = f32x4.splat(half(from + 2)), q = v128.load(from, 4);
    shifted16(lowNibbles(q), d, m, out);
    shifted16(highNibbles(q), d, m, out + 64);
  }
}

function unpackQ5_0(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 22, out += 128) {
    const d = f32x4.splat(half(from)), q = v128.load(from, 6), middle = i8x16.splat(16);
    scaled16(i8x16.sub(v128.or(lowNibbles(q), fifthBits(from + 2)), middle), d, out);
    scaled16(i8x16.sub(v128.or(highNibbles(q), fifthBits(from + 4)), middle), d, out + 64);
  }
}

function unpackQ5_1(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 24, out += 128) {
    const d = f32x4.splat(half(from)), m = f32x4.splat(half(from + 2)), q = v128.load(from, 8);
    shifted16(v128.or(lowNibbles(q), fifthBits(from + 4)), d, m, out);
    shifted16(v128.or(highNibbles(q), fifthBits(from + 6)), d, m, out + 64);
  }
}

function unpackQ8_0(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 34, out += 128) {
    const d = f32x4.splat(half(from));
    scaled16(v128.load(from, 2), d, out);
    scaled16(v128.load(from, 18), d, out + 64);
  }
}

function unpackIQ4_NL(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 18, out += 128) {
    const d = f32x4.splat(half(from)), q = v128.load(from, 2);
    scaled16(iq4(lowNibbles(q)), d, out);
    scaled16(iq4(highNibbles(q)), d, out + 64);
  }
}

/** n numbers, any count. */
function unpackHalf(from: usize, n: i32, out: usize): void {
  for (; n >= 4; n -= 4, from += 8, out += 16) v128.store(out, half4(v128.load16x4_u(from)));
  for (; n > 0; n--, from += 2, out += 4) store<f32>(out, half(from));
}

function unpackBrain(from: usize, n: i32, out: usize): void {
  for (; n >= 4; n -= 4, from += 8, out += 16) v128.store(out, i32x4.shl(v128.load16x4_u(from), 16));
  for (; n > 0; n--, from += 2, out += 4) store<u32>(out, <u32>load<u16>(from) << 16);
}

/** scales [16] (low nibble scale, high nibble minimum), quants [64], d, minimum */
function unpackQ2_K(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 84) {
    const d = half(from + 80), least = half(from + 82);
    for (let group: usize = 0; group < 16; group++, out += 64) {
      const scale = <u32>load<u8>(from + group);
      const q = v128.load(from + 16 + (group >> 3) * 32 + (group & 1) * 16);
      shifted16(bitPairs(q, <i32>((group >> 1) & 3) * 2), f32x4.splat(d * <f32>(scale & 15)), f32x4.splat(-(least * <f32>(scale >> 4))), out);
    }
  }
}

/** high bits [32], quants [64], scales [12], d */
function unpackQ3_K(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 110) {
    const d = half(from + 108);
    for (let group: usize = 0; group < 16; group++, out += 64) {
      const both = <u32>load<u8>(from + 96 + (group & 7));
      const low = group < 8 ? both & 15 : both >> 4;
      const high = (<u32>load<u8>(from + 104 + (group & 3)) >> (2 * <u32>(group >> 2))) & 3;
      const scale = <i32>(low | (high << 4)) - 32;
      const q = bitPairs(v128.load(from + 32 + (group >> 3) * 32 + (group & 1) * 16), <i32>((group >> 1) & 3) * 2);
      const bit = i8x16.splat(<i8>(<i32>1 << <i32>(group >> 1)));
      const isHigh = i8x16.eq(v128.and(v128.load(from + (group & 1) * 16), bit), bit);
      scaled16(i8x16.sub(q, v128.andnot(i8x16.splat(4), isHigh)), f32x4.splat(d * <f32>scale), out);
    }
  }
}

/** Scale and minimum `j` of Q4_K and Q5_K, six bits each in twelve bytes. */
// @ts-ignore: decorator
@inline function scaleAt(at: usize, j: usize): u32 {
  if (j < 4) return <u32>load<u8>(at + j) & 63;
  return (<u32>load<u8>(at + j + 4) & 15) | ((<u32>load<u8>(at + j - 4) >> 6) << 4);
}
// @ts-ignore: decorator
@inline function minimumAt(at: usize, j: usize): u32 {
  if (j < 4) return <u32>load<u8>(at + j + 4) & 63;
  return (<u32>load<u8>(at + j + 4) >> 4) | ((<u32>load<u8>(at + j) >> 6) << 4);
}

/** d, minimum, scales [12], quants [128] */
function unpackQ4_K(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 144) {
    const d = half(from), least = half(from + 2);
    for (let part: usize = 0; part < 8; part++, out += 128) {
      const scale = f32x4.splat(d * <f32>scaleAt(from + 4, part)), m = f32x4.splat(-(least * <f32>minimumAt(from + 4, part)));
      const q = from + 16 + (part >> 1) * 32;
      const q0 = v128.load(q), q1 = v128.load(q, 16);
      shifted16(part & 1 ? highNibbles(q0) : lowNibbles(q0), scale, m, out);
      shifted16(part & 1 ? highNibbles(q1) : lowNibbles(q1), scale, m, out + 64);
    }
  }
}

/** d, minimum, scales [12], fifth bits [32], quants [128] */
function unpackQ5_K(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 176) {
    const d = half(from), least = half(from + 2);
    for (let part: usize = 0; part < 8; part++, out += 128) {
      const scale = f32x4.splat(d * <f32>scaleAt(from + 4, part)), m = f32x4.splat(-(least * <f32>minimumAt(from + 4, part)));
      const bit = i8x16.splat(<i8>(<i32>1 << <i32>part));
      for (let side: usize = 0; side < 32; side += 16) {
        const q = v128.load(from + 48 + (part >> 1) * 32 + side);
        const fifth = v128.and(i8x16.eq(v128.and(v128.load(from + 16 + side), bit), bit), i8x16.splat(16));
        shifted16(v128.or(part & 1 ? highNibbles(q) : lowNibbles(q), fifth), scale, m, out + side * 4);
      }
    }
  }
}

/** low nibbles [128], high pairs [64], scales [16], d */
function unpackQ6_K(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 210) {
    const d = half(from + 208);
    for (let group: usize = 0; group < 16; group++, out += 64) {
      const scale = f32x4.splat(d * <f32>load<i8>(from + 192 + group));
      const part = (group >> 1) & 3, second = group >> 3, side = (group & 1) * 16;
      const q = v128.load(from + second * 64 + (part & 1) * 32 + side);
      const high = bitPairs(v128.load(from + 128 + second * 32 + side), <i32>part * 2);
      const all = v128.or(part < 2 ? lowNibbles(q) : highNibbles(q), i16x8.shl(high, 4));
      scaled16(i8x16.sub(all, i8x16.splat(32)), scale, out);
    }
  }
}

/** d, high pairs of the scales [2], their low nibbles [4], quants [128] */
function unpackIQ4_XS(from: usize, blocks: i32, out: usize): void {
  for (; blocks > 0; blocks--, from += 136) {
    const d = half(from), highs = <u32>load<u16>(from + 2);
    for (let part: usize = 0; part < 8; part++, out += 128) {
      const low = (<u32>load<u8>(from + 4 + (part >> 1)) >> (4 * <u32>(part & 1))) & 15;
      const scale = <i32>(low | (((highs >> (2 * <u32>part)) & 3) << 4)) - 32;
      const step = f32x4.splat(d * <f32>scale), q = v128.load(from + 8 + part * 16);
      scaled16(iq4(lowNibbles(q)), step, out);
      scaled16(iq4(highNibbles(q)), step, out + 64);
    }
  }
}

/** Where number `n` of a row lies (n at the start of a block). */
export function blockAt(type: i32, row: usize, n: i32): usize {
  const of32 = <usize>(n >> 5), of256 = <usize>(n >> 8);
  if (type == 1 || type == 30) return row + (<usize>n << 1);
  if (type == 2 || type == 20) return row + of32 * 18;
  if (type == 3) return row + of32 * 20;
  if (type == 6) return row + of32 * 22;
  if (type == 7) return row + of32 * 24;
  if (type == 8) return row + of32 * 34;
  if (type == 10) return row + of256 * 84;
  if (type == 11) return row + of256 * 110;
  if (type == 12) return row + of256 * 144;
  if (type == 13) return row + of256 * 176;
  if (type == 14) return row + of256 * 210;
  return row + of256 * 136;
}

/** Numbers per block. */
export function blockSize(type: i32): i32 {
  if (type == 1 || type == 30) return 1;
  return type == 23 || (type >= 10 && type <= 14) ? 256 : 32;
}

/** n numbers (whole blocks) from the block at `from` on. */
export function unpack(type: i32, from: usize, n: i32, out: usize): void {
  const of32 = n >> 5, of256 = n >> 8;
  if (type == 3) unpackQ4_1(from, of32, out);
  else if (type == 2) unpackQ4_0(from, of32, out);
  else if (type == 8) unpackQ8_0(from, of32, out);
  else if (type == 1) unpackHalf(from, n, out);
  else if (type == 30) unpackBrain(from, n, out);
  else if (type == 6) unpackQ5_0(from, of32, out);
  else if (type == 7) unpackQ5_1(from, of32, out);
  else if (type == 10) unpackQ2_K(from, of256, out);
  else if (type == 11) unpackQ3_K(from, of256, out);
  else if (type == 12) unpackQ4_K(from, of256, out);
  else if (type == 13) unpackQ5_K(from, of256, out);
  else if (type == 14) unpackQ6_K(from, of256, out);
  else if (type == 20) unpackIQ4_NL(from, of32, out);
  else unpackIQ4_XS(from, of256, out);
}
