// A dataset as it was read: rows with the line they stand in, and what was wrong with the ones that could not be read.
import type { DatasetFormat, LineProblem } from '../protocol/datasets';
import { StudioError } from '../protocol/errors';

export interface TableRow {
  line: number;
  values: Record<string, unknown>;
}

export interface Table {
  format: DatasetFormat;
  columns: string[];
  rows: TableRow[];
  problems: LineProblem[];
}

/** What a dataset may hold: a tab keeps it in memory while it is looked at. */
export const MOST_ROWS = 500_000;
export const MOST_COLUMNS = 500;
/** Characters of an imported text. */
const MOST_CHARACTERS = 256 * 2 ** 20;

/** @throws StudioError('input'): expected …, got … */
export function refuseDataset(expected: string, got: string): never {
  throw new StudioError('input', `dataset: expected ${expected}, got ${got}. Correct the file or take another one.`);
}

/** A line as it is shown in a message. */
export const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

export function checkText(text: string): void {
  if (text.length > MOST_CHARACTERS) {
    refuseDataset(`at most ${MOST_CHARACTERS / 2 ** 20} million characters`, `${text.length}`);
  }
  if (text.trim() === '') refuseDataset('at least one row', 'an empty text');
  if (text.includes('\0')) refuseDataset('text in UTF-8', 'bytes that are no text');
}

/** Columns in the order in which they first occur. @throws StudioError('input') when no row could be read */
export function makeTable(format: Table['format'], rows: TableRow[], problems: LineProblem[]): Table {
  if (rows.length === 0) {
    const [first] = problems;
    refuseDataset('at least one row that can be read', first ? `line ${first.line}: ${first.message}` : 'none');
  }
  const columns = new Set<string>();
  for (const { values } of rows) for (const name of Object.keys(values)) columns.add(name);
  if (columns.size > MOST_COLUMNS) refuseDataset(`at most ${MOST_COLUMNS} columns`, `${columns.size}`);
  return { format, columns: [...columns], rows, problems };
}
