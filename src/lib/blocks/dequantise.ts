// Raw blocks of every type we read to float32, as ggml's dequantize_row_* computes it. Products of a half-precision scale and the
// small integers are exact in float64 (11 + 6 + 8 bits), so that one rounding at the end gives ggml's own float32.
// Layouts: ggml-common.h of llama.cpp (MIT), written from its documentation; checked against blocks made by gguf-py.

import type { StoredType } from './blockTypes';
import { BLOCK_TYPES } from './blockTypes';
import { half, halfTable } from './halfTable';
import {
  type Dequantise,
  dequantiseIQ4XS,
  dequantiseQ2K,
  dequantiseQ3K,
  dequantiseQ4K,
  dequantiseQ5K,
  dequantiseQ6K,
  IQ4_LEVELS,
} from './superBlocks';

/** 16 bytes: the low four bits of byte j are number j, the high four number j + 16. */
function nibbles(view: DataView, at: number, put: (low: number, high: number, j: number) => void): void {
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(at + j);
    put(byte & 15, byte >> 4, j);
  }
}

const dequantiseQ4_0: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  nibbles(view, from + 2, (low, high, j) => {
    out[to + j] = d * (low - 8);
    out[to + j + 16] = d * (high - 8);
  });
};

const dequantiseQ4_1: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  const m = half(view, from + 2);
  nibbles(view, from + 4, (low, high, j) => {
    out[to + j] = d * low + m;
    out[to + j + 16] = d * high + m;
  });
};

const dequantiseQ5_0: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  const fifth = view.getUint32(from + 2, true);
  nibbles(view, from + 6, (low, high, j) => {
    out[to + j] = d * ((low | (((fifth >>> j) & 1) << 4)) - 16);
    out[to + j + 16] = d * ((high | (((fifth >>> (j + 16)) & 1) << 4)) - 16);
  });
};

const dequantiseQ5_1: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  const m = half(view, from + 2);
  const fifth = view.getUint32(from + 4, true);
  nibbles(view, from + 8, (low, high, j) => {
    out[to + j] = d * (low | (((fifth >>> j) & 1) << 4)) + m;
    out[to + j + 16] = d * (high | (((fifth >>> (j + 16)) & 1) << 4)) + m;
  });
};

const dequantiseQ8_0: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  for (let j = 0; j < 32; j++) out[to + j] = d * view.getInt8(from + 2 + j);
};

const dequantiseIQ4NL: Dequantise = (view, from, out, to) => {
  const d = half(view, from);
  nibbles(view, from + 2, (low, high, j) => {
    out[to + j] = d * IQ4_LEVELS[low];
    out[to + j + 16] = d * IQ4_LEVELS[high];
  });
};

const BLOCKS: Record<Exclude<StoredType, 'F32' | 'F16' | 'BF16'>, Dequantise> = {
  Q4_0: dequantiseQ4_0,
  Q4_1: dequantiseQ4_1,
  Q5_0: dequantiseQ5_0,
  Q5_1: dequantiseQ5_1,
  Q8_0: dequantiseQ8_0,
  Q2_K: dequantiseQ2K,
  Q3_K: dequantiseQ3K,
  Q4_K: dequantiseQ4K,
  Q5_K: dequantiseQ5K,
  Q6_K: dequantiseQ6K,
  IQ4_NL: dequantiseIQ4NL,
  IQ4_XS: dequantiseIQ4XS,
};

/** Whole blocks to numbers. @param out gets them from `at` on @returns how many were written */
export function dequantise(type: StoredType, raw: Uint8Array, out: Float32Array, at = 0): number {
  const { elements, bytes } = BLOCK_TYPES[type];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const blocks = Math.floor(raw.byteLength / bytes);
  if (type === 'F32') for (let i = 0; i < blocks; i++) out[at + i] = view.getFloat32(4 * i, true);
  else if (type === 'F16') {
    const table = halfTable();
    for (let i = 0; i < blocks; i++) out[at + i] = table[view.getUint16(2 * i, true)];
  } else if (type === 'BF16') {
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < blocks; i++) bits[at + i] = view.getUint16(2 * i, true) << 16;
  } else {
    const block = BLOCKS[type];
    for (let i = 0; i < blocks; i++) block(view, i * bytes, out, at + i * elements);
  }
  return blocks * elements;
}
