// The types of GGUF whose blocks hold 256 numbers in groups of 16 or 32, each group with a small scale (and minimum) of its own.
import { half } from './halfTable';

/** Reads the block at `from` and writes its numbers at `to`. */
export type Dequantise = (view: DataView, from: number, out: Float32Array, to: number) => void;

/** Levels of IQ4_NL and IQ4_XS. */
export const IQ4_LEVELS = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** scales [16] (low nibble scale, high nibble minimum), quants [64], d, dmin */
export const dequantiseQ2K: Dequantise = (view, from, out, to) => {
  const d = half(view, from + 80);
  const dmin = half(view, from + 82);
  for (let group = 0; group < 16; group++) {
    const scale = view.getUint8(from + group);
    // 128 numbers share 32 bytes, two bits each: four times two groups of 16.
    const bytes = from + 16 + (group >> 3) * 32 + (group & 1) * 16;
    const shift = ((group >> 1) & 3) * 2;
    const step = d * (scale & 15);
    const minimum = dmin * (scale >> 4);
    for (let l = 0; l < 16; l++) {
      out[to + group * 16 + l] = step * ((view.getUint8(bytes + l) >> shift) & 3) - minimum;
    }
  }
};

/** high bits [32], quants [64], scales [12] of 6 bits, d */
export const dequantiseQ3K: Dequantise = (view, from, out, to) => {
  const d = half(view, from + 108);
  const scales = from + 96;
  for (let group = 0; group < 16; group++) {
    const low = view.getUint8(scales + (group & 7)) >> (group < 8 ? 0 : 4);
    const high = view.getUint8(scales + 8 + (group & 3)) >> (2 * (group >> 2));
    const step = d * (((low & 15) | ((high & 3) << 4)) - 32);
    const bytes = from + 32 + (group >> 3) * 32 + (group & 1) * 16;
    const shift = ((group >> 1) & 3) * 2;
    for (let l = 0; l < 16; l++) {
      const isHigh = (view.getUint8(from + (group & 1) * 16 + l) >> (group >> 1)) & 1;
      out[to + group * 16 + l] = step * (((view.getUint8(bytes + l) >> shift) & 3) - (isHigh ? 0 : 4));
    }
  }
};

/** Scale and minimum of group j of eight, 6 bits each, packed in 12 bytes. */
function scaleAndMinimum(view: DataView, at: number, j: number): [number, number] {
  if (j < 4) return [view.getUint8(at + j) & 63, view.getUint8(at + j + 4) & 63];
  const low = view.getUint8(at + j + 4);
  return [(low & 15) | ((view.getUint8(at + j - 4) >> 6) << 4), (low >> 4) | ((view.getUint8(at + j) >> 6) << 4)];
}

/** d, dmin, scales [12], quants [128] */
export const dequantiseQ4K: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  const dmin = half(view, from + 2);
  for (let group = 0; group < 8; group++) {
    const [scale, minimum] = scaleAndMinimum(view, from + 4, group);
    const bytes = from + 16 + (group >> 1) * 32;
    const shift = (group & 1) * 4;
    const step = d * scale;
    const offset = dmin * minimum;
    for (let l = 0; l < 32; l++) {
      out[to + group * 32 + l] = step * ((view.getUint8(bytes + l) >> shift) & 15) - offset;
    }
  }
};

/** d, dmin, scales [12], fifth bits [32], quants [128] */
export const dequantiseQ5K: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  const dmin = half(view, from + 2);
  for (let group = 0; group < 8; group++) {
    const [scale, minimum] = scaleAndMinimum(view, from + 4, group);
    const bytes = from + 48 + (group >> 1) * 32;
    const shift = (group & 1) * 4;
    const step = d * scale;
    const offset = dmin * minimum;
    for (let l = 0; l < 32; l++) {
      const fifth = ((view.getUint8(from + 16 + l) >> group) & 1) << 4;
      out[to + group * 32 + l] = step * (((view.getUint8(bytes + l) >> shift) & 15) | fifth) - offset;
    }
  }
};

/** low bits [128], high bits [64], scales [16] signed, d */
export const dequantiseQ6K: Dequantise = (view, from, out, to) => {
  const d = half(view, from + 208);
  for (let group = 0; group < 16; group++) {
    // Of each 128 numbers: 32 with the low nibbles of 32 bytes, 32 with those of the next, then the high nibbles of both.
    const part = (group >> 1) & 3;
    const first = (group & 1) * 16;
    const low = from + (group >> 3) * 64 + (part & 1) * 32 + first;
    const high = from + 128 + (group >> 3) * 32 + first;
    const step = d * view.getInt8(from + 192 + group);
    for (let l = 0; l < 16; l++) {
      const quant =
        ((view.getUint8(low + l) >> (part >> 1 ? 4 : 0)) & 15) | (((view.getUint8(high + l) >> (2 * part)) & 3) << 4);
      out[to + group * 16 + l] = step * (quant - 32);
    }
  }
};

/** d, high bits of the scales (16 bits), low bits [4], quants [128] */
export const dequantiseIQ4XS: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  const highs = view.getUint16(from + 2, true);
  for (let group = 0; group < 8; group++) {
    const low = (view.getUint8(from + 4 + (group >> 1)) >> (4 * (group & 1))) & 15;
    const step = d * ((low | (((highs >> (2 * group)) & 3) << 4)) - 32);
    const bytes = from + 8 + group * 16;
    for (let j = 0; j < 16; j++) {
      const byte = view.getUint8(bytes + j);
      out[to + group * 32 + j] = step * IQ4_LEVELS[byte & 15];
      out[to + group * 32 + j + 16] = step * IQ4_LEVELS[byte >> 4];
    }
  }
};
