// Safetensors: 8 bytes little-endian header length, a JSON header, then raw tensors. F32, F16 and BF16 are read as float32.
// Every number of the header is checked against the bytes that are really there before anything is allocated.

import { float16ToFloat32, float32ToFloat16 } from '../lib/float16';
import { FLOAT_BYTES, type FloatType, readHeaderLength, readPlaces } from './files/safetensorsHeader';

export interface NamedArray {
  name: string;
  shape: number[];
  data: Float32Array;
}

/** Reads all tensors. @param where the file's name, for messages @param isWanted other tensors are left unread */
export function readSafetensors(
  bytes: Uint8Array,
  where: string,
  isWanted?: (name: string) => boolean,
): Map<string, NamedArray> {
  const length = readHeaderLength(bytes.subarray(0, 8), bytes.byteLength, where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = readPlaces(bytes.subarray(8, 8 + length), bytes.byteLength, where, isWanted);
  return new Map(
    places.map(({ name, shape, type, from, bytes: size }) => [
      name,
      { name, shape, data: toFloat32(view, from, size, type) },
    ]),
  );
}

function toFloat32(view: DataView, at: number, bytes: number, dtype: FloatType): Float32Array {
  const count = bytes / FLOAT_BYTES[dtype];
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
  const width = FLOAT_BYTES[dtype];
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
