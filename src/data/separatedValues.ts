// CSV as RFC 4180 has it, with a header line; commas, semicolons or tabs between the cells, whichever the header has most of.
import type { LineProblem } from '../protocol/datasets';
import { checkText, MOST_COLUMNS, MOST_ROWS, makeTable, refuseDataset, type Table, type TableRow } from './dataTable';

interface Cells {
  line: number;
  cells: string[];
}

const SEPARATORS = [',', ';', '\t'];

/** Outside of quotes in the first line. */
function guessSeparator(text: string): string {
  const counts = new Map(SEPARATORS.map((separator) => [separator, 0]));
  let quoted = false;
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    else if (c === '\n' && !quoted) break;
    else if (!quoted && counts.has(c)) counts.set(c, (counts.get(c) ?? 0) + 1);
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** @param problems takes quotes that are never closed */
function* splitCells(text: string, separator: string, problems: LineProblem[]): Generator<Cells> {
  let cells: string[] = [];
  let line = 1;
  let begun = 1;
  let at = 0;
  while (at <= text.length) {
    let cell = '';
    if (text[at] === '"') {
      let end = at + 1;
      for (;;) {
        const quote = text.indexOf('"', end);
        if (quote < 0) {
          problems.push({ line: begun, message: 'expected a closing quote ("), the file ends without one.' });
          return;
        }
        cell += text.slice(end, quote);
        end = quote + 1;
        if (text[end] !== '"') break;
        cell += '"';
        end++;
      }
      for (const c of cell) if (c === '\n') line++;
      at = end;
    }
    // What stands behind a closing quote belongs to the cell.
    let end = at;
    while (end < text.length && text[end] !== separator && text[end] !== '\n') end++;
    const last = end >= text.length || text[end] === '\n';
    const rest = text.slice(at, end);
    cell += last && rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    cells.push(cell);
    if (cells.length > MOST_COLUMNS) refuseDataset(`at most ${MOST_COLUMNS} columns`, `more in line ${line}`);
    at = end + 1;
    if (!last) continue;
    yield { line: begun, cells };
    if (end >= text.length) return;
    cells = [];
    line++;
    begun = line;
  }
}

export function readSeparatedValues(source: string): Table {
  checkText(source);
  const text = source.replace(/^\ufeff/, '');
  const problems: LineProblem[] = [];
  const rows: TableRow[] = [];
  let header: string[] | null = null;
  for (const { line, cells } of splitCells(text, guessSeparator(text), problems)) {
    if (cells.length === 1 && cells[0].trim() === '') continue;
    if (!header) {
      header = cells.map((name) => name.trim());
      const twice = header.find((name, i) => name === '' || header?.indexOf(name) !== i);
      if (twice !== undefined) refuseDataset('a first line with a name of its own for every column', `"${twice}"`);
      continue;
    }
    if (rows.length === MOST_ROWS) refuseDataset(`at most ${MOST_ROWS} rows`, 'more');
    if (cells.length !== header.length) {
      problems.push({ line, message: `expected ${header.length} cells as in the first line, got ${cells.length}.` });
      continue;
    }
    rows.push({ line, values: Object.fromEntries(header.map((name, i) => [name, cells[i]])) });
  }
  return makeTable('csv', rows, problems);
}
