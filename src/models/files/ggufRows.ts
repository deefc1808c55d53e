// GGUF files store some tensors in another order than Hugging Face. These wrappers give Hugging Face's rows; raw blocks stay raw where
// rows move whole, since blocks lie along rows. Rows must be read in order (StoredTensor says so): no byte is read twice.
import { rowBytes } from '../../lib/blocks/blockTypes';
import { refuse } from './refuse';
import { readFloats } from './storedFloats';
import { rowsOf, storedTensor } from './storedTensor';
import type { StoredTensor } from './tensorSource';

/** For HF row r of a group: its row in the file. */
type Order = (row: number) => number;

/** Llama's q and k: HF rotates halves, the file neighbours. HF row j·d/2 + i of a head is row 2i + j of the file (README of ggml). */
const neighbours =
  (headDim: number): Order =>
  (row) =>
    row < headDim / 2 ? 2 * row : 2 * (row - headDim / 2) + 1;

/** Reorders a vector; it becomes F32. */
function reordered(tensor: StoredTensor, group: number, order: Order): StoredTensor {
  return computed(tensor, tensor.shape, (values) => values.map((_, i) => values[i - (i % group) + order(i % group)]));
}

/** A tensor that is read whole, changed, and given out as F32 rows. Kept until its last row is given. */
function computed(
  tensor: StoredTensor,
  shape: number[],
  change: (values: Float32Array<ArrayBuffer>) => Float32Array<ArrayBuffer>,
): StoredTensor {
  const columns = shape.at(-1) ?? 1;
  const rows = rowsOf(shape);
  let held: Float32Array<ArrayBuffer> | null = null;
  return storedTensor({ name: tensor.name, shape, type: 'F32', bytes: tensor.bytes }, async (first, count) => {
    const values = held ?? change(await readFloats(tensor));
    held = first + count < rows ? values : null;
    return new Uint8Array(values.slice(first * columns, (first + count) * columns).buffer);
  });
}

/** q or k of a llama file: rows of each head back in HF's order. */
export function unpermuteHeads(tensor: StoredTensor, headDim: number): StoredTensor {
  const { shape, type } = tensor;
  if (shape[0] % headDim !== 0 || headDim % 2 !== 0) {
    refuse(
      `tensor "${tensor.name}"`,
      `expected rows of whole heads of an even width, got ${shape[0]} rows and a width of ${headDim}.`,
    );
  }
  const order = neighbours(headDim);
  if (shape.length === 1) return reordered(tensor, headDim, order);
  const width = rowBytes(type, shape[1]);
  // A request may end inside a head: its rows stay for the next request.
  let open: { head: number; rows: Uint8Array } | null = null;
  return storedTensor({ ...tensor }, async (first, count) => {
    const out = new Uint8Array(count * width);
    const last = first + count - 1;
    for (let head = Math.floor(first / headDim); head * headDim <= last; head++) {
      const rows: Uint8Array = open?.head === head ? open.rows : await tensor.readRows(head * headDim, headDim);
      open = { head, rows };
      const until = Math.min(last, (head + 1) * headDim - 1);
      for (let row = Math.max(first, head * headDim); row <= until; row++) {
        const at = order(row % headDim) * width;
        out.set(rows.subarray(at, at + width), (row - first) * width);
      }
    }
    if (last === shape[0] - 1) open = null;
    return out;
  });
}

/** GPT-NeoX: the file has all q, then all k, then all v; HF has q, k, v of each head together. */
export function regroupHeads(tensor: StoredTensor, heads: number): StoredTensor {
  const headDim = tensor.shape[0] / heads / 3;
  const order: Order = (row) => {
    const part = Math.floor(row / headDim) % 3;
    return (part * heads + Math.floor(row / headDim / 3)) * headDim + (row % headDim);
  };
  if (!Number.isInteger(headDim)) {
    refuse(`tensor "${tensor.name}"`, `expected rows for q, k and v of ${heads} heads, got ${tensor.shape[0]}.`);
  }
  if (tensor.shape.length === 1) return reordered(tensor, tensor.shape[0], order);
  const width = rowBytes(tensor.type, tensor.shape[1]);
  return storedTensor({ ...tensor }, async (first, count) => {
    const out = new Uint8Array(count * width);
    for (let row = first; row < first + count; ) {
      const run = Math.min(headDim - (row % headDim), first + count - row);
      out.set(await tensor.readRows(order(row), run), (row - first) * width);
      row += run;
    }
    return out;
  });
}

/** Gemma: the file holds 1 + w. The difference is exact, and so is the model's own 1 + w. */
export const withoutOne = (tensor: StoredTensor): StoredTensor =>
  computed(tensor, tensor.shape, (values) => values.map((value) => value - 1));

/** GPT-2: HF's Conv1D is [in, out], the file has [out, in]. Read as F32 by rows. */
export function transposed(tensor: StoredTensor): StoredTensor {
  const [rows, columns] = tensor.shape;
  return computed(tensor, [columns, rows], (values) => {
    const out = new Float32Array(values.length);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column];
    }
    return out;
  });
}
