// Stored rows as bytes and back, bit for bit: JSON, with typed arrays beside it and the numbers that JSON lacks spelled out.
// A file is a sequence of rows: two little-endian lengths (JSON, arrays), the JSON, the arrays' bytes.
import { StudioError } from '../../protocol/errors';

const arrayTypes = { Float32Array, Int32Array, Uint8Array, Uint32Array, Float64Array };
type ArrayName = keyof typeof arrayTypes;

const isArrayName = (name: string): name is ArrayName => Object.hasOwn(arrayTypes, name);
const oddNumbers: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
};

export function packRow(value: unknown): Uint8Array<ArrayBuffer>[] {
  const arrays: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const plain = (entry: unknown): unknown => {
    if (typeof entry === 'number' && (!Number.isFinite(entry) || Object.is(entry, -0))) {
      return { $number: Object.is(entry, -0) ? '-0' : String(entry) };
    }
    if (typeof entry !== 'object' || entry === null) return entry;
    if (Array.isArray(entry)) return entry.map(plain);
    if (ArrayBuffer.isView(entry)) {
      const at = length;
      const bytes = new Uint8Array(entry.byteLength);
      bytes.set(new Uint8Array(entry.buffer, entry.byteOffset, entry.byteLength));
      arrays.push(bytes);
      length += bytes.length;
      return { $array: [entry.constructor.name, at, bytes.length] };
    }
    return Object.fromEntries(Object.entries(entry).map(([name, inner]) => [name, plain(inner)]));
  };
  const text = new TextEncoder().encode(JSON.stringify(plain(value)));
  const lengths = new Uint8Array(8);
  new DataView(lengths.buffer).setUint32(0, text.length, true);
  new DataView(lengths.buffer).setUint32(4, length, true);
  return [lengths, text, ...arrays];
}

function torn(where: string, what: string): StudioError {
  return new StudioError(
    'input',
    `${where}: expected rows as this page writes them, ${what}. The file is damaged or was made by something else.`,
  );
}

function restored(value: unknown, bytes: Uint8Array, where: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => restored(entry, bytes, where));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, inner] = entries.length === 1 ? entries[0] : ['', null];
  if (name === '$number') {
    if (typeof inner !== 'string' || !Object.hasOwn(oddNumbers, inner)) throw torn(where, 'got a number that is none');
    return oddNumbers[inner];
  }
  if (name === '$array') {
    const [type, at, length] = Array.isArray(inner) ? inner : [];
    if (typeof type !== 'string' || !isArrayName(type)) throw torn(where, 'got an array of no known type');
    const size = arrayTypes[type].BYTES_PER_ELEMENT;
    const fits = Number.isInteger(at) && Number.isInteger(length) && at >= 0 && length >= 0;
    if (!fits || at + length > bytes.length || length % size !== 0)
      throw torn(where, 'got an array that ends too early');
    return new arrayTypes[type](bytes.slice(at, at + length).buffer);
  }
  if (entries.some(([key]) => key === '__proto__')) throw torn(where, 'got a name that no row has');
  return Object.fromEntries(entries.map(([key, entry]) => [key, restored(entry, bytes, where)]));
}

/** @throws StudioError('input') at the first row that cannot be read */
export function* unpackRows(bytes: Uint8Array, where: string): Generator<unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw torn(where, 'it ends in the middle of one');
    const [textLength, dataLength] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    const [text, data, end] = [at + 8, at + 8 + textLength, at + 8 + textLength + dataLength];
    if (end > bytes.length) throw torn(where, 'it ends in the middle of one');
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(text, data)));
    } catch {
      throw torn(where, 'got text that is not JSON');
    }
    yield restored(value, bytes.subarray(data, end), where);
    at = end;
  }
}
