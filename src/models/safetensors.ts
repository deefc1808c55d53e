// Safetensors: 8 bytes little-endian header length, a JSON header, then raw tensors. F32, F16 and BF16 are read as float32.
// Every number of the header is checked against the bytes that are really there before anything is allocated.

import { float16ToFloat32, float32ToFloat16 } from '../lib/float16';
import { StudioError } from '../protocol/errors';

export interface NamedArray {
  name: string;
  shape: number[];
  data: Float32Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const BYTES: Record<string, number> = { F32: 4, F16: 2, BF16: 2 };
const MAX_HEADER = 100_000_000; // the limit of the original implementation

const bad = (where: string, sentence: string): never => {
  throw new StudioError(
    'model',
    `${where}: ${sentence} The file is damaged or not a safetensors file; fetch it again.`,
  );
};

/** Reads all tensors. @param where the file's name, for messages */
export function readSafetensors(bytes: Uint8Array, where: string): Map<string, NamedArray> {
  if (bytes.byteLength < 8) bad(where, `expected at least 8 bytes, got ${bytes.byteLength}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.byteLength) {
    bad(where, `expected a header of at most ${bytes.byteLength - 8} bytes, got one that says ${length}.`);
  }
  const body = bytes.byteLength - 8 - length;
  const tensors = new Map<string, NamedArray>();
  for (const [name, entry] of Object.entries(parseHeader(bytes.subarray(8, 8 + length), where))) {
    if (name === '__metadata__') continue;
    checkEntry(entry, name, body, where);
    const [from, to] = entry.data_offsets;
    tensors.set(name, { name, shape: entry.shape, data: toFloat32(view, 8 + length + from, to - from, entry.dtype) });
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array, where: string): Record<string, HeaderEntry> {
  try {
    const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (header && typeof header === 'object' && !Array.isArray(header)) return header;
  } catch {
    // told below
  }
  return bad(where, 'expected a JSON object as header, got something else.');
}

function checkEntry(entry: HeaderEntry, name: string, body: number, where: string): void {
  const at = `${where}, tensor "${name}"`;
  const width = BYTES[entry?.dtype];
  if (!width) bad(at, `expected F32, F16 or BF16, got ${String(entry?.dtype)}.`);
  const { shape, data_offsets: offsets } = entry;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    bad(at, `expected a shape of whole numbers, got ${JSON.stringify(shape)}.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(Number.isInteger)) {
    bad(at, `expected two offsets, got ${JSON.stringify(offsets)}.`);
  }
  const [from, to] = offsets;
  if (from < 0 || to < from || to > body) bad(at, `expected bytes within 0…${body}, got ${from}…${to}.`);
  const wanted = shape.reduce((product, size) => product * size, width);
  if (to - from !== wanted) bad(at, `expected ${wanted} bytes for [${shape}] ${entry.dtype}, got ${to - from}.`);
}

function toFloat32(view: DataView, at: number, bytes: number, dtype: string): Float32Array {
  const count = bytes / BYTES[dtype];
  const out = new Float32Array(count);
  const bits = new Uint32Array(out.buffer);
  if (dtype === 'F32') for (let i = 0; i < count; i++) out[i] = view.getFloat32(at + 4 * i, true);
  else if (dtype === 'BF16') for (let i = 0; i < count; i++) bits[i] = view.getUint16(at + 2 * i, true) << 16;
  else for (let i = 0; i < count; i++) out[i] = float16ToFloat32(view.getUint16(at + 2 * i, true));
  return out;
}

/** Writes a file in the order given. @param dtype F16 rounds to nearest even */
export function writeSafetensors(
  tensors: Iterable<NamedArray>,
  dtype: 'F32' | 'F16',
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const list = [...tensors];
  const width = BYTES[dtype];
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, data } of list) {
    const size = data.length * width;
    header[name] = { dtype, shape, data_offsets: [end, end + size] };
    end += size;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (text.length % 8)) % 8); // tensors start on 8 bytes
  const head = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + head.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const { data } of list) {
    for (let i = 0; i < data.length; i++, at += width) {
      if (dtype === 'F32') view.setFloat32(at, data[i], true);
      else view.setUint16(at, float32ToFloat16(data[i]), true);
    }
  }
  return bytes;
}
