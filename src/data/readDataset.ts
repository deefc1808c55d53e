// A dataset of any format: which one it is, is read from its first bytes, not from its name.

import { checkText, MOST_ROWS, makeTable, refuseDataset, type Table } from './dataTable';
import { readJsonLines, readJsonList } from './jsonLines';
import { readParquet } from './parquetTable';
import { readSeparatedValues } from './separatedValues';

/** Paragraphs of plain text: one row each, in a column `text`. */
function readParagraphs(text: string): Table {
  const rows: Table['rows'] = [];
  let begun = 0;
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) rows.push({ line: begun, values: { text: lines.join('\n') } });
    lines = [];
  };
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') flush();
    else {
      if (lines.length === 0) begun = i + 1;
      lines.push(line.replace(/\r$/, ''));
    }
  });
  flush();
  if (rows.length > MOST_ROWS) refuseDataset(`at most ${MOST_ROWS} paragraphs`, `${rows.length}`);
  return makeTable('text', rows, []);
}

/** A first line with separators, and a second one with as many. */
function looksSeparated(text: string): boolean {
  const [first = '', second = ''] = text.trimStart().split('\n', 2);
  if (first.includes('"') && /^\s*"/.test(first)) return true;
  return [',', ';', '\t'].some((separator) => {
    const count = first.split(separator).length;
    const header = first.split(separator).every((name) => name.trim().length > 0 && name.trim().length <= 40);
    return count > 1 && header && (second.includes(separator) || second.startsWith('"'));
  });
}

/** Pasted or dropped text. @throws StudioError('input') */
export function readDatasetText(text: string): Table {
  checkText(text);
  const start = text.replace(/^\ufeff/, '').trimStart();
  if (start.startsWith('[')) return readJsonList(text);
  if (start.startsWith('{')) return readJsonLines(text);
  return looksSeparated(start) ? readSeparatedValues(text) : readParagraphs(text);
}

/** A file. @throws StudioError('input') */
export async function readDatasetFile(bytes: Uint8Array): Promise<Table> {
  if (bytes.length >= 12 && bytes[0] === 0x50 && bytes[1] === 0x41 && bytes[2] === 0x52 && bytes[3] === 0x31) {
    return readParquet(bytes);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    refuseDataset('JSONL, JSON, CSV or text in UTF-8, or Parquet', 'bytes that are none of them');
  }
  return readDatasetText(text);
}
