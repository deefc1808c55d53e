// How a weight of a file is held on the backend: float32, or (matrices only) blocks, as the file has them or quantised on the way.
// Read in slices straight into place: a tensor never lies in memory twice.
import { engine, fill, getBackend, getKernel, keep, Tensor, tensor } from '@tensorflow/tfjs-core';
import { BLOCK_TYPES, rowBytes, type StoredType } from '../lib/blocks/blockTypes';
import { dequantise } from '../lib/blocks/dequantise';
import { quantise } from '../lib/blocks/quantise';
import {
  type BlockName,
  createQuantMatrix,
  disposeMatrix,
  type QuantMatrix,
  writeRows,
} from '../ops/quantLinear/quantMatrix';
import { refuse } from './files/refuse';
import { forEachSlice, readFloats } from './files/storedFloats';
import type { StoredTensor } from './files/tensorSource';

/** `stored`: matrices as the file has them; a type: larger ones are quantised to it. Vectors are always in float32. */
export type Holding = 'float32' | 'stored' | 'Q8_0' | 'Q4_0';

/** The type a tensor will be held in on the current backend. */
function heldType({ shape, type }: Pick<StoredTensor, 'shape' | 'type'>, holding: Holding): StoredType {
  if (holding === 'float32' || shape.length !== 2 || !getKernel('QuantLinear', getBackend())) return 'F32';
  if (holding === 'stored') return type;
  const isSmaller =
    rowBytes(holding, 32) < rowBytes(type, 32 * BLOCK_TYPES[type].elements) / BLOCK_TYPES[type].elements;
  return isSmaller && shape[1] % BLOCK_TYPES[holding].elements === 0 ? holding : type;
}

/** Bytes on the backend. */
export function heldBytes(stored: Pick<StoredTensor, 'shape' | 'type'>, holding: Holding): number {
  const size = stored.shape.reduce((product, n) => product * n, 1);
  const columns = stored.shape.at(-1) ?? 1;
  return (size / Math.max(1, columns)) * rowBytes(heldType(stored, holding), columns);
}

/** Where the blocks of a type have half-precision numbers (all else are integers, which are always finite). */
const HALVES: Partial<Record<StoredType, number[]>> = {
  ...{ Q4_0: [0], Q4_1: [0, 2], Q5_0: [0], Q5_1: [0, 2], Q8_0: [0], Q2_K: [80, 82], Q3_K: [108], Q4_K: [0, 2] },
  ...{ Q5_K: [0, 2], Q6_K: [208], IQ4_NL: [0], IQ4_XS: [0], F16: [0], BF16: [0] },
};

/** Refuses infinities and NaN: a kernel would spread them silently. */
function checkFinite({ name, type }: StoredTensor, raw: Uint8Array, where: string): void {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const { bytes } = BLOCK_TYPES[type];
  const exponent = type === 'BF16' ? 0x7f80 : 0x7c00;
  for (const place of HALVES[type] ?? []) {
    for (let at = place; at < raw.byteLength; at += bytes) {
      if ((view.getUint16(at, true) & exponent) !== exponent) continue;
      refuse(
        `${where}, tensor "${name}"`,
        `expected finite numbers, got an infinite scale in block ${Math.floor(at / bytes)}.`,
      );
    }
  }
}

function checkFloats({ name }: StoredTensor, values: Float32Array, where: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) refuse(`${where}, tensor "${name}"`, `expected finite numbers, got ${values[at]} at position ${at}.`);
}

function floatsOf(stored: StoredTensor, raw: Uint8Array, rows: number, where: string): Float32Array {
  const values = new Float32Array(rows * (stored.shape.at(-1) ?? 1));
  dequantise(stored.type, raw, values);
  checkFloats(stored, values, where);
  return values;
}

async function placeFloats(stored: StoredTensor, where: string): Promise<Tensor> {
  if (!getKernel('WriteBytes', getBackend())) {
    const values = await readFloats(stored);
    checkFloats(stored, values, where);
    return keep(tensor(values, stored.shape, 'float32'));
  }
  const target = keep(fill(stored.shape, 0));
  const rowSize = 4 * (stored.shape.at(-1) ?? 1);
  try {
    await forEachSlice(stored, (raw, first, rows) => {
      const bytes = new Uint8Array(floatsOf(stored, raw, rows, where).buffer);
      const attrs = { offset: first * rowSize, bytes: bytes as never };
      (engine().runKernel('WriteBytes', { target }, attrs) as Tensor).dispose();
    });
  } catch (error) {
    target.dispose();
    throw error;
  }
  return target;
}

async function placeBlocks(stored: StoredTensor, type: BlockName, where: string): Promise<QuantMatrix> {
  const matrix = createQuantMatrix(type, [stored.shape[0], stored.shape[1]]);
  try {
    await forEachSlice(stored, (raw, first, rows) => {
      if (stored.type !== 'F32') checkFinite(stored, raw, where);
      const isSame = stored.type === type;
      writeRows(matrix, first, isSame ? raw : quantise(type as 'Q8_0' | 'Q4_0', floatsOf(stored, raw, rows, where)));
    });
  } catch (error) {
    disposeMatrix(matrix);
    throw error;
  }
  return matrix;
}

/** Reads a tensor into place. The caller disposes it. @param where the file, for messages @throws StudioError('model') for numbers that are not finite */
export async function placeStored(
  stored: StoredTensor,
  holding: Holding,
  where: string,
): Promise<Tensor | QuantMatrix> {
  const type = heldType(stored, holding);
  return type === 'F32' ? placeFloats(stored, where) : placeBlocks(stored, type, where);
}

/** Lets go of what `placeStored` made. */
export function disposeHeld(held: Iterable<Tensor | QuantMatrix>): void {
  for (const one of held) {
    if (one instanceof Tensor) one.dispose();
    else disposeMatrix(one);
  }
}
