// The header of a safetensors file: every number of it is checked against the bytes that are really there before anything is
// allocated. Format: 8 bytes little-endian header length, a JSON header, then raw tensors without gaps.
import { parseJsonObject, refuse, refuseOverlaps } from './refuse';

export type FloatType = 'F32' | 'F16' | 'BF16';
export const FLOAT_BYTES: Record<FloatType, number> = { F32: 4, F16: 2, BF16: 2 };

/** Where a tensor lies; `from` counts from the beginning of the file. */
export interface TensorPlace {
  name: string;
  type: FloatType;
  shape: number[];
  from: number;
  bytes: number;
}

const MAX_HEADER = 100_000_000; // the limit of the original implementation
const ADVICE = 'The file is damaged or not a safetensors file; fetch it again.';

/** @param start the first 8 bytes @param size of the whole file @returns length of the JSON that follows */
export function readHeaderLength(start: Uint8Array, size: number, where: string): number {
  if (start.byteLength < 8) refuse(where, `expected at least 8 bytes, got ${start.byteLength}.`, ADVICE);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > size) {
    refuse(where, `expected a header of at most ${size - 8} bytes, got one that says ${length}.`, ADVICE);
  }
  return length;
}

/** Buffers that old files carry beside the weights: masks, positions and frequencies, in whatever type. */
const BUFFER = /(\.|^)(attn\.(masked_)?bias|attention\.(masked_)?bias|inv_freq|position_ids)$/;

/** Of every tensor, buffers in other types than floats left out.
 * @param json the header's bytes @param size of the whole file @param isWanted others are not looked at */
export function readPlaces(
  json: Uint8Array,
  size: number,
  where: string,
  isWanted = (_name: string) => true,
): TensorPlace[] {
  const start = 8 + json.byteLength;
  const header = parseJsonObject(json, where, ' as header');
  const places = Object.entries(header)
    .filter(([name]) => name !== '__metadata__' && isWanted(name))
    .filter(([name, entry]) => !BUFFER.test(name) || Object(entry).dtype in FLOAT_BYTES)
    .map(([name, entry]) => placeOf(name, entry, start, size, where));
  return refuseOverlaps(places, where);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function placeOf(name: string, entry: unknown, start: number, size: number, where: string): TensorPlace {
  const at = `${where}, tensor "${name.slice(0, 200)}"`;
  const { dtype, shape, data_offsets: offsets } = Object(entry) as Record<string, unknown>;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    return refuse(at, `expected F32, F16 or BF16, got ${String(dtype)}.`, 'Take a file with one of these types.');
  }
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isCount)) {
    return refuse(at, `expected a shape of whole numbers, got ${JSON.stringify(shape)?.slice(0, 80)}.`, ADVICE);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(Number.isSafeInteger)) {
    return refuse(at, `expected two offsets, got ${JSON.stringify(offsets)?.slice(0, 80)}.`, ADVICE);
  }
  const [from, to]: number[] = offsets;
  if (from < 0 || to < from || start + to > size) {
    refuse(at, `expected bytes within 0…${size - start}, got ${from}…${to}.`, ADVICE);
  }
  const wanted = shape.reduce((product, count) => product * count, FLOAT_BYTES[dtype]);
  if (to - from !== wanted) refuse(at, `expected ${wanted} bytes for [${shape}] ${dtype}, got ${to - from}.`, ADVICE);
  return { name, type: dtype, shape, from: start + from, bytes: wanted };
}
