// JSONL: an object per line. JSON: one list of objects.
import type { LineProblem } from '../protocol/datasets';
import { checkText, MOST_ROWS, makeTable, refuseDataset, shorten, type Table, type TableRow } from './dataTable';

const isRow = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export function readJsonLines(text: string): Table {
  checkText(text);
  const rows: TableRow[] = [];
  const problems: LineProblem[] = [];
  let line = 0;
  for (const source of text.replace(/^\ufeff/, '').split('\n')) {
    line++;
    if (source.trim() === '') continue;
    if (rows.length === MOST_ROWS) refuseDataset(`at most ${MOST_ROWS} rows`, 'more');
    try {
      const values: unknown = JSON.parse(source);
      if (isRow(values)) rows.push({ line, values });
      else problems.push({ line, message: `expected an object {…}, got "${shorten(source)}".` });
    } catch {
      problems.push({ line, message: `expected one JSON object in a line, got "${shorten(source)}".` });
    }
  }
  return makeTable('jsonl', rows, problems);
}

/** @throws StudioError('input') for a text that is no list of objects */
export function readJsonList(text: string): Table {
  checkText(text);
  let list: unknown;
  try {
    list = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    refuseDataset('a JSON list of objects', error instanceof Error ? shorten(error.message) : 'something else');
  }
  if (!Array.isArray(list)) refuseDataset('a JSON list of objects', 'something else');
  if (list.length > MOST_ROWS) refuseDataset(`at most ${MOST_ROWS} rows`, `${list.length}`);
  const rows: TableRow[] = [];
  const problems: LineProblem[] = [];
  list.forEach((values: unknown, i) => {
    if (isRow(values)) rows.push({ line: i + 1, values });
    else problems.push({ line: i + 1, message: 'expected an object {…} in the list.' });
  });
  return makeTable('json', rows, problems);
}
