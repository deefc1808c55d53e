// Matrices in blocks for the ops' checks: every bit of the small integers random, scales and minima ordinary numbers of both signs.
import { BLOCK_TYPES, rowBytes } from '../../lib/blocks/blockTypes';
import { CounterRng } from '../../lib/counterRng';
import { float32ToFloat16 } from '../../lib/float16';
import { type IndexTensor, indices } from '../cpuKernel';
import type { BlockName } from '../quantLinear/quantMatrix';

/** Where a block holds half-precision numbers (the rest is integers), and about how large they should be. */
const HALVES: Record<Exclude<BlockName, 'F16' | 'BF16'>, { at: number[]; size: number }> = {
  Q4_0: { at: [0], size: 0.1 },
  Q4_1: { at: [0, 2], size: 0.1 },
  Q5_0: { at: [0], size: 0.05 },
  Q5_1: { at: [0, 2], size: 0.05 },
  Q8_0: { at: [0], size: 0.01 },
  Q2_K: { at: [80, 82], size: 0.02 },
  Q3_K: { at: [108], size: 0.02 },
  Q4_K: { at: [0, 2], size: 0.002 },
  Q5_K: { at: [0, 2], size: 0.001 },
  Q6_K: { at: [208], size: 0.0005 },
  IQ4_NL: { at: [0], size: 0.01 },
  IQ4_XS: { at: [0], size: 0.0005 },
};

/** The int32 words of a [rows, columns] matrix. */
export function randomBlocks(type: BlockName, [rows, columns]: [number, number], seed: number): IndexTensor {
  const rng = new CounterRng(20261123, seed);
  const total = rows * rowBytes(type, columns);
  const words = new Int32Array(Math.ceil(total / 4));
  const view = new DataView(words.buffer);
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  if (type === 'F16' || type === 'BF16') {
    for (let at = 0; at < total; at += 2) {
      float[0] = 0.5 * rng.normal();
      view.setUint16(at, type === 'F16' ? float32ToFloat16(float[0]) : bits[0] >>> 16, true);
    }
    return indices([words.length], words);
  }
  for (let at = 0; at < total; at++) view.setUint8(at, rng.integer(256));
  const { at: places, size } = HALVES[type];
  for (let block = 0; block < total; block += BLOCK_TYPES[type].bytes) {
    for (const place of places) view.setUint16(block + place, float32ToFloat16(size * rng.normal()), true);
  }
  return indices([words.length], words);
}
