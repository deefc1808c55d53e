// Stored tensors as float32, read in slices: a large tensor never lies in memory twice.
import { rowBytes } from '../../lib/blocks/blockTypes';
import { dequantise } from '../../lib/blocks/dequantise';
import { rowsOf } from './storedTensor';
import type { StoredTensor } from './tensorSource';

const SLICE_BYTES = 4 * 1024 * 1024;

/** Raw rows from first to last, in slices of about 4 MiB. */
export async function forEachSlice(
  tensor: StoredTensor,
  take: (raw: Uint8Array, firstRow: number, rows: number) => void | Promise<void>,
): Promise<void> {
  const rows = rowsOf(tensor.shape);
  const each = Math.max(1, Math.floor(SLICE_BYTES / Math.max(1, rowBytes(tensor.type, tensor.shape.at(-1) ?? 1))));
  for (let first = 0; first < rows; first += each) {
    const count = Math.min(each, rows - first);
    await take(await tensor.readRows(first, count), first, count);
  }
}

/** The whole tensor as float32, in the order of its shape. */
export async function readFloats(tensor: StoredTensor): Promise<Float32Array<ArrayBuffer>> {
  const columns = tensor.shape.at(-1) ?? 1;
  const out = new Float32Array(rowsOf(tensor.shape) * columns);
  await forEachSlice(tensor, (raw, first) => void dequantise(tensor.type, raw, out, first * columns));
  return out;
}
