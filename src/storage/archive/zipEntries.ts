// Reads a zip by its directory, entry by entry, without ever holding the whole: a hostile one can neither fill the memory nor
// name a place outside. Entries are stored or deflated; archives over 4 GiB (zip64) and encrypted ones are refused.
import { Inflate } from 'fflate';
import { StudioError } from '../../protocol/errors';

export interface ZipEntry {
  name: string;
  /** unpacked, as the directory says; `read` holds it to that */
  size: number;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

const DIRECTORY_END = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
/** The end record and the longest comment behind it. */
const LONGEST_END = 22 + 65_535;
/** Rows come in files of a few megabytes; a single row of a large model is larger. */
const LARGEST_ENTRY = 1024 * 2 ** 20;

function refuse(what: string): StudioError {
  return new StudioError(
    'input',
    `zip: expected a file that this page exported, ${what}. Choose another file; nothing was changed.`,
  );
}

async function bytesAt(file: Blob, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(from, to).arrayBuffer());
}

function isSafeName(name: string): boolean {
  const isPlain = /^[\w .@()+=,-]+(\/[\w .@()+=,-]+)*\/?$/.test(name);
  return isPlain && !name.split('/').some((part) => part === '.' || part === '..');
}

function inflate(packed: Uint8Array, size: number, name: string): Uint8Array<ArrayBuffer> {
  const unpacked = new Uint8Array(size);
  let filled = 0;
  const inflater = new Inflate((piece) => {
    if (filled + piece.length > size) throw refuse(`"${name}" unpacks to more than it says`);
    unpacked.set(piece, filled);
    filled += piece.length;
  });
  const step = 64 * 1024;
  try {
    for (let at = 0; at < packed.length || at === 0; at += step) {
      inflater.push(packed.subarray(at, at + step), at + step >= packed.length);
    }
  } catch (error) {
    throw error instanceof StudioError ? error : refuse(`"${name}" cannot be unpacked`);
  }
  if (filled !== size) throw refuse(`"${name}" unpacks to ${filled} bytes instead of ${size}`);
  return unpacked;
}

async function readEntry(
  file: Blob,
  entry: { name: string; method: number; packed: number; size: number; at: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, method, packed, size, at } = entry;
  const head = await bytesAt(file, at, at + 30);
  const view = new DataView(head.buffer);
  if (head.length < 30 || view.getUint32(0, true) !== LOCAL_ENTRY) throw refuse(`"${name}" is not where it should be`);
  const from = at + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const bytes = await bytesAt(file, from, from + packed);
  if (bytes.length !== packed) throw refuse(`"${name}" ends too early`);
  if (method === 0 && packed !== size) throw refuse(`"${name}" has two sizes`);
  return method === 0 ? bytes : inflate(bytes, size, name);
}

/** @throws StudioError('input') with one sentence */
export async function readZipEntries(file: Blob): Promise<ZipEntry[]> {
  const tailAt = Math.max(0, file.size - LONGEST_END);
  const tail = await bytesAt(file, tailAt, file.size);
  const tailView = new DataView(tail.buffer);
  let end = tail.length - 22;
  while (end >= 0 && tailView.getUint32(end, true) !== DIRECTORY_END) end--;
  if (end < 0) throw refuse('it is no zip, or the end of it is missing');
  const count = tailView.getUint16(end + 10, true);
  const directorySize = tailView.getUint32(end + 12, true);
  const directoryAt = tailView.getUint32(end + 16, true);
  if (directoryAt + directorySize > tailAt + end) throw refuse('its directory lies outside of it');
  const bytes = await bytesAt(file, directoryAt, directoryAt + directorySize);
  const view = new DataView(bytes.buffer);
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== DIRECTORY_ENTRY)
      throw refuse('its directory is damaged');
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, nameEnd));
    const local = view.getUint32(at + 42, true);
    if (!isSafeName(name)) throw refuse(`an entry is named ${JSON.stringify(name.slice(0, 80))}`);
    if (flags & 1 || (method !== 0 && method !== 8)) throw refuse(`"${name}" is packed in a way that is not read here`);
    if (size > LARGEST_ENTRY || packed > file.size) throw refuse(`"${name}" says it has ${size} bytes`);
    entries.push({ name, size, read: () => readEntry(file, { name, method, packed, size, at: local }) });
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}
