// Tables as text to be pasted elsewhere: CSV (RFC 4180) and Markdown. Null = an empty cell, or a dash.

export type Cell = string | number | null;

export interface TableText {
  head: readonly string[];
  rows: readonly (readonly Cell[])[];
}

function csvCell(value: Cell): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function asCsv({ head, rows }: TableText): string {
  return [head, ...rows].map((row) => row.map(csvCell).join(',')).join('\n');
}

function markdownCell(value: Cell): string {
  return value === null ? '–' : String(value).replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}

export function asMarkdown({ head, rows }: TableText): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(markdownCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
