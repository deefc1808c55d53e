// Looks through a Parquet file before it is read: every size and count it claims against what the file can hold. The reader takes them
// at their word (a run of two thousand million zeros is five bytes), so nothing is read that has not passed here.
import type { FileMetaData, SchemaTree } from 'hyparquet';
import { MOST_ROWS, refuseDataset } from './dataTable';

/** Encodings and codecs by their number in the format. */
const ENCODINGS = new Map([
  [0, 'PLAIN'],
  [2, 'PLAIN_DICTIONARY'],
  [3, 'RLE'],
  [8, 'RLE_DICTIONARY'],
]);
const CODECS = new Set(['UNCOMPRESSED', 'SNAPPY']);

export type Unpack = (input: Uint8Array, output: Uint8Array) => void;

/** Bytes that may be made of a file. */
const allowedBytes = (fileBytes: number) => 64 * 2 ** 20 + 32 * fileBytes;

function refuse(expected: string, got: string): never {
  return refuseDataset(`a Parquet file with ${expected}`, got);
}

class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  byte(): number {
    if (this.at >= this.end) refuse('all its bytes', 'one that ends too soon');
    return this.bytes[this.at++];
  }

  skip(count: number): void {
    if (!(count >= 0) || count > this.end - this.at) refuse('all its bytes', 'one that ends too soon');
    this.at += count;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return refuse('counts of 32 bits', 'a longer one');
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  uint32(): number {
    return this.byte() + this.byte() * 2 ** 8 + this.byte() * 2 ** 16 + this.byte() * 2 ** 24;
  }
}

/** The numbers of a page header (Thrift's compact protocol), by the path of their fields: "5.1". Everything else is passed over. */
function readNumbers(reader: Reader, path = '', depth = 0, into = new Map<string, number>()): Map<string, number> {
  if (depth > 8) refuse('page headers of a known form', 'one nested too deep');
  let field = 0;
  for (;;) {
    const head = reader.byte();
    const type = head & 15;
    if (type === 0) return into;
    field = head >> 4 ? field + (head >> 4) : reader.zigzag();
    const name = `${path}${field}`;
    if (type === 5 || type === 4) into.set(name, reader.zigzag());
    else if (type === 6) while (reader.byte() >= 0x80);
    else if (type === 3) reader.byte();
    else if (type === 7) reader.skip(8);
    else if (type === 8) reader.skip(reader.varint());
    else if (type === 12) readNumbers(reader, `${name}.`, depth + 1, into);
    else if (type > 2) refuse('page headers of a known form', `a field of type ${type}`);
  }
}

/** Runs of `count` values of `width` bits: no run may be longer than what is left. */
function checkRuns(reader: Reader, width: number, count: number): void {
  if (width > 32) refuse('numbers of at most 32 bits', `${width}`);
  for (let left = count; left > 0; ) {
    const head = reader.varint();
    if (head % 2 === 1) {
      const groups = (head - 1) / 2;
      if (groups === 0 || groups * 8 > left + 512) refuse('runs as long as its pages', `${groups * 8} of ${left}`);
      // Writers may leave out the bytes of a last group that is not full.
      reader.at = Math.min(reader.end, reader.at + groups * width);
      left -= groups * 8;
    } else {
      const length = head / 2;
      if (length === 0 || length > left) refuse('runs as long as its pages', `${length} of ${left}`);
      reader.skip(Math.ceil(width / 8));
      left -= length;
    }
  }
}

const bitsFor = (largest: number) => 32 - Math.clz32(largest);

function findLevels(
  schema: SchemaTree,
  path: readonly string[],
): { repetition: number; definition: number; element: SchemaTree['element'] } {
  let node = schema;
  let repetition = 0;
  let definition = 0;
  for (const name of path) {
    const next = node.children.find(({ element }) => element.name === name);
    if (!next) refuse('columns of its schema', `"${path.join('.')}"`);
    node = next;
    if (node.element.repetition_type === 'REPEATED') repetition++;
    if (node.element.repetition_type !== 'REQUIRED') definition++;
  }
  return { repetition, definition, element: node.element };
}

interface Column {
  codec: string;
  values: number;
  levels: ReturnType<typeof findLevels>;
  unpack: Unpack;
  /** bytes that may still be made */
  budget: { left: number };
}

function checkDataPage(page: Uint8Array, count: number, encoding: string, { levels }: Column): void {
  const reader = new Reader(page, 0, page.length);
  for (const largest of [levels.repetition, levels.definition]) {
    if (largest === 0) continue;
    const length = reader.uint32();
    const end = reader.at + length;
    if (end > page.length) refuse('all its bytes', 'a page that ends too soon');
    checkRuns(new Reader(page, reader.at, end), bitsFor(largest), count);
    reader.at = end;
  }
  const dictionary = encoding.endsWith('DICTIONARY');
  if (encoding === 'RLE' && levels.element.type !== 'BOOLEAN')
    refuse('RLE for true and false only', `${levels.element.type}`);
  if (encoding === 'RLE') reader.uint32();
  if (encoding === 'PLAIN' || reader.at >= page.length) return;
  // Cells that are null have no value: there may be fewer than `count`, and a run may end the page.
  const width = dictionary ? reader.byte() : 1;
  if (width > 32) refuse('numbers of at most 32 bits', `${width}`);
  for (let left = count; left > 0 && reader.at < page.length; ) {
    const before = reader.at;
    const head = reader.varint();
    const length = head % 2 === 1 ? ((head - 1) / 2) * 8 : head / 2;
    if (length > left + (head % 2 === 1 ? 512 : 0)) refuse('runs as long as its pages', `${length} of ${left}`);
    reader.at = Math.min(page.length, reader.at + (head % 2 === 1 ? (length / 8) * width : Math.ceil(width / 8)));
    if (reader.at <= before) refuse('runs that go on', 'one that does not');
    left -= length;
  }
}

function checkColumn(reader: Reader, column: Column): void {
  let left = column.values;
  while (reader.at < reader.end) {
    const head = readNumbers(reader);
    const unpacked = head.get('2') ?? -1;
    const packed = head.get('3') ?? -1;
    if (unpacked < 0 || packed < 0 || packed > reader.end - reader.at)
      refuse('pages inside of its columns', 'one beyond');
    column.budget.left -= unpacked;
    if (column.budget.left < 0) refuse('pages that fit its size', 'one that unpacks to far more');
    const bytes = reader.bytes.subarray(reader.at, reader.at + packed);
    reader.skip(packed);
    if (column.codec === 'UNCOMPRESSED' && packed !== unpacked) refuse('pages of the size they say', `${packed}`);
    const isDictionary = head.get('1') === 2;
    if (head.get('1') !== 0 && !isDictionary) refuse('pages of version 1', `page type ${head.get('1')}`);
    const count = head.get(isDictionary ? '7.1' : '5.1') ?? -1;
    const encoding = ENCODINGS.get(head.get(isDictionary ? '7.2' : '5.2') ?? -1);
    if (!encoding)
      refuse(`the encodings ${[...ENCODINGS.values()].join(', ')}`, `number ${head.get('5.2') ?? head.get('7.2')}`);
    if (isDictionary) {
      if (count < 0 || count > unpacked) refuse('dictionaries that fit their pages', `${count} entries`);
      continue;
    }
    left -= count;
    if (count < 0 || left < 0) refuse(`${column.values} cells in a column`, 'pages with more');
    if (count === 0) continue;
    const page = column.codec === 'UNCOMPRESSED' ? bytes : new Uint8Array(unpacked);
    if (page !== bytes) column.unpack(bytes, page);
    checkDataPage(page, count, encoding, column);
  }
}

/** @throws StudioError('input') for a file that claims what it cannot hold, and for encodings that are not implemented */
export function checkParquet(bytes: Uint8Array, metadata: FileMetaData, schema: SchemaTree, unpack: Unpack): void {
  const budget = { left: allowedBytes(bytes.length) };
  let rows = 0;
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows);
    rows += count;
    if (!(count >= 0) || rows > MOST_ROWS) refuse(`at most ${MOST_ROWS} rows`, `${rows}`);
    if (group.columns.length === 0) refuse('columns', 'none');
    for (const { meta_data: meta, file_path } of group.columns) {
      if (!meta || file_path) refuse('all columns in one file', 'others');
      if (!CODECS.has(meta.codec)) refuse('columns packed with Snappy or not at all', `${meta.codec}`);
      const values = Number(meta.num_values);
      const levels = findLevels(schema, meta.path_in_schema);
      budget.left -= 16 * values;
      if (!(values >= count) || budget.left < 0 || (levels.repetition === 0 && values !== count)) {
        refuse(`${count} rows in every column`, `${values}`);
      }
      const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset);
      const end = start + Number(meta.total_compressed_size);
      if (!(start >= 4) || !(end >= start) || end > bytes.length) refuse('columns inside of the file', 'one beyond');
      checkColumn(new Reader(bytes, start, end), { codec: meta.codec, values, levels, unpack, budget });
    }
  }
  if (rows !== Number(metadata.num_rows)) refuse(`${metadata.num_rows} rows in its groups`, `${rows}`);
}
