// The beginning of a GGUF file, versions 2 and 3: metadata, and where each tensor lies. Every count is checked against the bytes that
// are left before anything is allocated. Format: docs/gguf.md of ggml.
import { BLOCK_TYPES, typeName, typeOfId } from '../../lib/blocks/blockTypes';
import { ByteCursor } from './byteCursor';
import type { GgufValue } from './modelDescription';
import { refuse, refuseOverlaps } from './refuse';
import type { ByteSource, StoredType } from './tensorSource';

/** Where a tensor lies, by its name in the file. */
export interface GgufPlace {
  name: string;
  type: StoredType;
  /** row-major, slowest first: the reverse of the file's order */
  shape: number[];
  /** in the file */
  from: number;
  bytes: number;
}

export interface GgufHeader {
  version: number;
  metadata: Map<string, GgufValue>;
  places: GgufPlace[];
}

const MAGIC = 0x46554747; // "GGUF"
const MAX_NAME = 65_535;
const MAX_DIMENSIONS = 4;
/** key length, type and at least one byte of value */
const LEAST_ENTRY = 8 + 4 + 1;
/** name length, number of dimensions, one dimension, type, offset */
const LEAST_TENSOR = 8 + 4 + 8 + 4 + 8;
const NOT_GGUF = 'Choose a GGUF file of version 2 or 3.';

/** Types of metadata values, by their number in the file. */
enum Kind {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  Text,
  List,
  U64,
  I64,
  F64,
}

const KIND_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

/** Four bytes of a file for a message: letters where all of them are, else the number. */
function asRead(magic: number): string {
  const letters = String.fromCharCode(...[0, 8, 16, 24].map((shift) => (magic >>> shift) & 0xff));
  return /^[ -~]{4}$/.test(letters) ? JSON.stringify(letters) : `0x${magic.toString(16)}`;
}

export async function readGgufHeader(file: ByteSource): Promise<GgufHeader> {
  const cursor = new ByteCursor(file);
  if (file.size < 24) refuse(file.name, `expected a header of 24 bytes, got ${file.size} bytes in all.`, NOT_GGUF);
  await cursor.need(24);
  const magic = cursor.u32();
  if (magic !== MAGIC) refuse(file.name, `expected "GGUF" at the beginning, got ${asRead(magic)}.`, NOT_GGUF);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    const came = version > 0xffff ? 'one with its bytes in the other order (big-endian)' : `version ${version}`;
    refuse(file.name, `expected GGUF version 2 or 3, got ${came}.`, NOT_GGUF);
  }
  const tensors = count(cursor, LEAST_TENSOR, file.name, 'tensors');
  const entries = count(cursor, LEAST_ENTRY, file.name, 'metadata entries');
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entries; i++) {
    const key = await readText(cursor, file.name, 'a key', MAX_NAME);
    if (metadata.has(key)) refuse(file.name, `expected each metadata key once, got "${key.slice(0, 80)}" twice.`);
    await cursor.need(4);
    metadata.set(key, await readValue(cursor, cursor.u32(), `${file.name}, ${key.slice(0, 80)}`));
  }
  return { version, metadata, places: await readPlaces(cursor, tensors, metadata, file) };
}

/** A 64-bit count whose items cannot be more than the bytes that are left. */
function count(cursor: ByteCursor, leastBytes: number, where: string, what: string): number {
  const said = cursor.u64();
  const most = Math.floor(cursor.left / leastBytes);
  if (said > most) refuse(where, `expected at most ${most} ${what} in the ${cursor.left} bytes left, got ${said}.`);
  return Number(said);
}

async function readText(
  cursor: ByteCursor,
  where: string,
  what: string,
  most = Number.POSITIVE_INFINITY,
): Promise<string> {
  if (!cursor.has(8)) await cursor.need(8);
  const length = cursor.u64();
  if (length > cursor.left || length > most) {
    const limit = Math.min(cursor.left, most);
    refuse(where, `expected ${what} of at most ${limit} bytes, got one that says ${length}.`);
  }
  const bytes = Number(length);
  if (!cursor.has(bytes)) await cursor.need(bytes);
  return cursor.text(bytes);
}

/** 64-bit integers that no number holds become text: nothing we use is that large. */
const integer = (value: bigint): number | string =>
  Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

async function readValue(cursor: ByteCursor, kind: number, where: string): Promise<GgufValue> {
  if (!(kind in KIND_BYTES)) refuse(where, `expected a type of value from 0 to 12, got ${kind}.`);
  if (kind === Kind.Text) return readText(cursor, where, 'a text');
  if (kind === Kind.List) return readList(cursor, where);
  await cursor.need(KIND_BYTES[kind]);
  if (kind === Kind.Bool) return cursor.u8() !== 0;
  if (kind === Kind.U64) return integer(cursor.u64());
  if (kind === Kind.I64) return integer(cursor.i64());
  return readNumber(cursor, kind);
}

function readNumber(cursor: ByteCursor, kind: number): number {
  switch (kind) {
    case Kind.I8:
      return cursor.i8();
    case Kind.U16:
      return cursor.u16();
    case Kind.I16:
      return cursor.i16();
    case Kind.U32:
      return cursor.u32();
    case Kind.I32:
      return cursor.i32();
    case Kind.F32:
      return cursor.f32();
    case Kind.U64:
      return Number(cursor.u64());
    case Kind.I64:
      return Number(cursor.i64());
    case Kind.F64:
      return cursor.f64();
    default:
      return cursor.u8();
  }
}

async function readList(cursor: ByteCursor, where: string): Promise<GgufValue> {
  await cursor.need(12);
  const kind = cursor.u32();
  if (!(kind in KIND_BYTES) || kind === Kind.List) {
    refuse(where, `expected a list of numbers, truth values or texts, got one of type ${kind}.`);
  }
  const length = count(cursor, KIND_BYTES[kind], where, 'items');
  if (kind === Kind.Text) {
    const texts: string[] = [];
    for (let i = 0; i < length; i++) texts.push(await readText(cursor, where, 'a text'));
    return texts;
  }
  const numbers = emptyList(kind, length);
  for (let i = 0; i < length; i++) {
    if (!cursor.has(KIND_BYTES[kind])) await cursor.need(KIND_BYTES[kind]);
    numbers[i] = readNumber(cursor, kind);
  }
  return numbers;
}

function emptyList(kind: number, length: number): Float32Array | Float64Array | Int32Array | Uint8Array {
  if (kind === Kind.F32) return new Float32Array(length);
  if (kind === Kind.U8 || kind === Kind.Bool) return new Uint8Array(length);
  if (kind === Kind.U32 || kind >= Kind.U64) return new Float64Array(length);
  return new Int32Array(length);
}

/** A tensor as its entry describes it; `offset` counts from where the data begins. */
type Entry = Omit<GgufPlace, 'from'> & { offset: number };

async function readEntry(cursor: ByteCursor, file: ByteSource): Promise<Entry> {
  const name = await readText(cursor, file.name, 'a tensor’s name', MAX_NAME);
  const where = `${file.name}, tensor "${name.slice(0, 80)}"`;
  await cursor.need(4);
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    refuse(where, `expected 1 to ${MAX_DIMENSIONS} dimensions, got ${dimensions}.`);
  }
  await cursor.need(8 * dimensions + 12);
  const shape = Array.from({ length: dimensions }, () => Number(cursor.u64())).reverse();
  const id = cursor.u32();
  const type = typeOfId(id);
  const offset = Number(cursor.u64());
  if (!type) {
    const readable = Object.keys(BLOCK_TYPES).join(', ');
    return refuse(where, `expected one of ${readable}, got ${typeName(id)}.`, 'Choose a file in one of these types.');
  }
  const { elements, bytes } = BLOCK_TYPES[type];
  const columns = shape[dimensions - 1];
  if (columns % elements !== 0)
    refuse(where, `expected rows of whole ${type} blocks of ${elements}, got ${columns} numbers.`);
  const size = shape.reduce((product, each) => product * each, 1);
  return { name, type, shape, bytes: (size / elements) * bytes, offset };
}

async function readPlaces(
  cursor: ByteCursor,
  tensors: number,
  metadata: Map<string, GgufValue>,
  file: ByteSource,
): Promise<GgufPlace[]> {
  const entries: Entry[] = [];
  for (let i = 0; i < tensors; i++) entries.push(await readEntry(cursor, file));
  const alignment = metadata.get('general.alignment') ?? 32;
  if (
    typeof alignment !== 'number' ||
    alignment < 1 ||
    alignment > 2 ** 20 ||
    !Number.isInteger(Math.log2(alignment))
  ) {
    return refuse(file.name, `expected general.alignment to be a power of two up to 2^20, got ${String(alignment)}.`);
  }
  const start = Math.ceil(cursor.position / alignment) * alignment;
  const places = entries.map(({ offset, ...entry }) => {
    const where = `${file.name}, tensor "${entry.name.slice(0, 80)}"`;
    if (offset % alignment !== 0) refuse(where, `expected it to begin at a multiple of ${alignment}, got ${offset}.`);
    if (!(start + offset + entry.bytes <= file.size)) {
      refuse(where, `expected bytes within 0…${file.size - start}, got ${offset}…${offset + entry.bytes}.`);
    }
    return { ...entry, from: start + offset };
  });
  return refuseOverlaps(places, file.name);
}
