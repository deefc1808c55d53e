// Which rows of the table are shown, and in which order. Pure passes over typed arrays: 100,000 rows take milliseconds.
import type { FlipClass, TraceChunk } from '../protocol/trace';
import { columnOf, FLIPS, type TraceTable } from './traceTable';

export interface TraceFilter {
  flip: FlipClass | null;
  kind: TraceChunk['kind'] | null;
  stage: string | null;
  /** Steps, both ends included. */
  from: number | null;
  to: number | null;
  /** A column of `columnOf` and its bounds, both ends included. Rows where it was not computed are left out. */
  range: { column: string; min: number | null; max: number | null } | null;
  /** Fingerprint of a prompt: only this problem. */
  prompt: number | null;
  /** In the prompt or an answer, upper and lower case alike. Found by reading the chunks: see `traceSearch`. */
  text: string;
}

export const noFilter: TraceFilter = {
  flip: null,
  kind: null,
  stage: null,
  from: null,
  to: null,
  range: null,
  prompt: null,
  text: '',
};

export interface TraceSort {
  column: string;
  descending: boolean;
}

export const bySteps: TraceSort = { column: 'step', descending: false };

export interface FilteredRows {
  /** In the order of the table. */
  rows: Uint32Array;
  /** Rows of each flip class that all OTHER conditions leave, in the order of `FLIPS`; and of any class. */
  flips: readonly number[];
  anyFlip: number;
}

/** Everything but the text. */
export function filterRows(table: TraceTable, filter: TraceFilter): FilteredRows {
  const { kind, stage, from, to, range, prompt } = filter;
  const wanted = filter.flip === null ? -1 : FLIPS.indexOf(filter.flip);
  const values = range ? columnOf(table, range.column) : null;
  const [min, max] = [range?.min ?? Number.NEGATIVE_INFINITY, range?.max ?? Number.POSITIVE_INFINITY];
  const rows = new Uint32Array(table.rows);
  const flips = FLIPS.map(() => 0);
  let anyFlip = 0;
  let count = 0;
  table.chunks.forEach((chunk, c) => {
    if (kind !== null && chunk.kind !== kind) return;
    if (stage !== null && chunk.stage !== stage) return;
    if ((from !== null && chunk.step < from) || (to !== null && chunk.step > to)) return;
    const start = table.starts[c];
    for (let e = 0; e < chunk.episodes; e++) {
      const row = start + e;
      if (prompt !== null && chunk.prompt[e] !== prompt) continue;
      // NaN fails both comparisons.
      if (values && !(values[row] >= min && values[row] <= max)) continue;
      anyFlip++;
      const flip = table.flip[row];
      if (flip < flips.length) flips[flip]++;
      if (wanted < 0 || flip === wanted) rows[count++] = row;
    }
  });
  return { rows: rows.slice(0, count), flips, anyFlip };
}

/** Rows a sort key has room for beside its 32 bits of value (a Float64 holds 53 bits exactly). */
const ROW_SPACE = 2 ** 21;

/** Bits of a float in the order of its value, unsigned. */
function orderedBits(bits: number): number {
  return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
}

/** By value, equal values in the order of the table; what was not computed (NaN) comes last either way.
 *  Value and row are packed into one number each, so that the engine's sort without callbacks can be used: 100,000 rows
 *  take some 10 ms instead of 100. */
export function sortRows(table: TraceTable, rows: Uint32Array, sort: TraceSort): Uint32Array {
  if (rows.length > ROW_SPACE || table.rows > ROW_SPACE) {
    throw new RangeError(
      `samples: expected at most ${ROW_SPACE} of them to be sorted at once, got ${table.rows}. Look at fewer steps.`,
    );
  }
  if (sort.column === 'step' && !sort.descending) return rows;
  const column = columnOf(table, sort.column);
  const bits = new Uint32Array(column.buffer, column.byteOffset, column.length);
  const keys = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    let order = 0xffffffff;
    if (!Number.isNaN(column[row])) {
      order = orderedBits(column[row] === 0 ? 0 : bits[row]);
      if (sort.descending) order = 0xffffffff - order;
    }
    keys[i] = order * ROW_SPACE + row;
  }
  keys.sort();
  const sorted = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) sorted[i] = keys[i] % ROW_SPACE;
  return sorted;
}
