// Float32 to 8-bit and 4-bit blocks by ggml's rules: scales in float32 (hence the frounds), the same bytes as gguf-py writes.
import { float32ToFloat16 } from '../float16';
import { BLOCK_TYPES } from './blockTypes';

const { fround } = Math;
const BLOCK = 32;

/** @param x whole blocks of 32 @returns raw blocks */
export function quantise(type: 'Q8_0' | 'Q4_0', x: Float32Array): Uint8Array<ArrayBuffer> {
  const { bytes } = BLOCK_TYPES[type];
  const blocks = x.length / BLOCK;
  if (!Number.isInteger(blocks)) {
    throw new RangeError(
      `quantise ${type}: expected a multiple of ${BLOCK} numbers, got ${x.length}. Keep this row as it is.`,
    );
  }
  const raw = new Uint8Array(blocks * bytes);
  const view = new DataView(raw.buffer);
  const block = type === 'Q8_0' ? quantiseQ8 : quantiseQ4;
  for (let i = 0; i < blocks; i++) block(x, i * BLOCK, view, i * bytes);
  return raw;
}

/** Scale: the largest magnitude becomes ±127. Rounds half away from zero. */
function quantiseQ8(x: Float32Array, from: number, view: DataView, to: number): void {
  let largest = 0;
  for (let j = 0; j < BLOCK; j++) largest = Math.max(largest, Math.abs(x[from + j]));
  const d = fround(largest / 127);
  const inverse = d === 0 ? 0 : fround(1 / d);
  view.setUint16(to, float32ToFloat16(d), true);
  for (let j = 0; j < BLOCK; j++) {
    const scaled = fround(x[from + j] * inverse);
    const floor = Math.floor(Math.abs(scaled));
    const rounded = floor + Math.floor(2 * (Math.abs(scaled) - floor));
    view.setInt8(to + 2 + j, scaled < 0 ? -rounded : rounded);
  }
}

/** Scale: the number of largest magnitude becomes −8, whatever its sign. Adds a half and truncates; product and sum unrounded,
 *  as a fused multiply-add has them. */
function quantiseQ4(x: Float32Array, from: number, view: DataView, to: number): void {
  let extreme = 0;
  for (let j = 0; j < BLOCK; j++) if (Math.abs(x[from + j]) > Math.abs(extreme)) extreme = x[from + j];
  const d = fround(extreme / -8);
  const inverse = d === 0 ? 0 : fround(1 / d);
  view.setUint16(to, float32ToFloat16(d), true);
  const level = (value: number) => Math.min(15, Math.max(0, Math.trunc(value * inverse + 8.5)));
  for (let j = 0; j < BLOCK / 2; j++) {
    view.setUint8(to + 2 + j, level(x[from + j]) | (level(x[from + j + BLOCK / 2]) << 4));
  }
}
