// Parquet, as Hugging Face keeps datasets. The reader comes when it is needed.
import { StudioError } from '../protocol/errors';
import { makeTable, refuseDataset, type Table } from './dataTable';
import { checkParquet } from './parquetGuard';

/** Cells as JSON would have them: whole numbers of 64 bits as numbers where they fit, bytes and dates as texts. */
function plainCell(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value === undefined || depth > 20) return null;
  if (ArrayBuffer.isView(value)) return '(bytes)';
  if (Array.isArray(value)) return value.map((item) => plainCell(item, depth + 1));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainCell(item, depth + 1)]));
  }
  return value;
}

export async function readParquet(bytes: Uint8Array): Promise<Table> {
  const { parquetMetadata, parquetReadObjects, parquetSchema, snappyUncompress } = await import('hyparquet');
  // A view into a larger buffer would be read from that buffer's start.
  const file = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  const buffer = file.buffer as ArrayBuffer;
  try {
    const metadata = parquetMetadata(buffer, { geoparquet: false });
    checkParquet(file, metadata, parquetSchema(metadata), snappyUncompress);
    const objects = await parquetReadObjects({ file: buffer, metadata });
    const rows = objects.map((values, i) => ({ line: i + 1, values: plainCell(values) as Record<string, unknown> }));
    return makeTable('parquet', rows, []);
  } catch (error) {
    if (error instanceof StudioError) throw error;
    return refuseDataset('a Parquet file', error instanceof Error ? error.message.slice(0, 200) : 'something else');
  }
}
