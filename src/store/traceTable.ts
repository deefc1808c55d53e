// All samples of a run as one table of typed columns, made of the chunks' compact indexes: 100,000 rows are a few MB, and
// filtering or sorting them is one pass over arrays. Row numbers follow the steps and stay valid for the table's life.
import type { FlipClass } from '../protocol/trace';
import type { TraceIndex } from '../protocol/traceIndex';

/** Code of a row's flip: its place here. A row without two attempts has `NO_FLIP`. */
export const FLIPS: readonly FlipClass[] = ['i_to_i', 'i_to_c', 'c_to_i', 'c_to_c'];
const NO_FLIP = 255;

export interface TraceTable {
  rows: number;
  /** In the order of steps. */
  chunks: readonly TraceIndex[];
  /** [chunks + 1] chunk c holds the rows starts[c] … starts[c+1]. */
  starts: Uint32Array;
  /** [rows] */
  chunkOf: Uint32Array;
  flip: Uint8Array;
  /** Names of reward terms and stages that occur, in the order of their first appearance. */
  terms: readonly string[];
  stages: readonly string[];
  /** Names of columns beside the score, in the same order. */
  extras: { numbers: readonly string[]; texts: readonly string[] };
  /** Bytes of all chunks. */
  bytes: number;
  /** Columns that were asked for; see `columnOf`. */
  made: Map<string, Float32Array>;
}

const kindOrder = { eval_greedy: 0, eval_sampled: 1, train: 2 } as const;

function flipCode(index: TraceIndex, episode: number): number {
  return index.attempts === 2 ? index.correct[episode * 2] * 2 + index.correct[episode * 2 + 1] : NO_FLIP;
}

export function tableOf(indexes: readonly TraceIndex[]): TraceTable {
  const chunks = [...indexes].sort((a, b) => a.step - b.step || kindOrder[a.kind] - kindOrder[b.kind]);
  const starts = new Uint32Array(chunks.length + 1);
  chunks.forEach((chunk, c) => {
    starts[c + 1] = starts[c] + chunk.episodes;
  });
  const rows = starts[chunks.length];
  const chunkOf = new Uint32Array(rows);
  const flip = new Uint8Array(rows);
  chunks.forEach((chunk, c) => {
    chunkOf.fill(c, starts[c], starts[c + 1]);
    for (let e = 0; e < chunk.episodes; e++) flip[starts[c] + e] = flipCode(chunk, e);
  });
  return {
    rows,
    chunks,
    starts,
    chunkOf,
    flip,
    terms: [...new Set(chunks.flatMap((chunk) => chunk.terms))],
    stages: [...new Set(chunks.map((chunk) => chunk.stage))].filter((stage) => stage !== ''),
    extras: {
      numbers: [...new Set(chunks.flatMap(({ extra }) => extra?.names ?? []))],
      texts: [...new Set(chunks.flatMap(({ extra }) => extra?.textNames ?? []))],
    },
    bytes: chunks.reduce((sum, chunk) => sum + chunk.bytes, 0),
    made: new Map(),
  };
}

export const emptyTable: TraceTable = tableOf([]);

export function episodeOf(table: TraceTable, row: number): number {
  return row - table.starts[table.chunkOf[row]];
}

export function chunkAt(table: TraceTable, row: number): TraceIndex {
  return table.chunks[table.chunkOf[row]];
}

/** Which sample it is, apart from any table: what an address says. */
export interface SampleName {
  kind: TraceIndex['kind'];
  step: number;
  sample: number;
}

export function nameOf(table: TraceTable, row: number): SampleName {
  const { kind, step } = chunkAt(table, row);
  return { kind, step, sample: episodeOf(table, row) };
}

/** −1 when there is no such sample. */
export function rowOf(table: TraceTable, name: SampleName): number {
  const c = table.chunks.findIndex((chunk) => chunk.step === name.step && chunk.kind === name.kind);
  return c >= 0 && name.sample < table.chunks[c].episodes ? table.starts[c] + name.sample : -1;
}

/** Begins the column of a number that a task tells beside the score; no reward term is called so. */
export const EXTRA = 'extra/';

/** What is credited in the end: with bonus and penalties where the recipe says so, else the plain reward. */
const TOTALS = ['credit', 'reward'];

/** A column's values within one chunk. @param name `step`, `problem`, `flip` (code), `unchanged`, or `<field>@<attempt>` with attempt 1 or 2
 *  and field `total`, `advantage`, `length`, `correct`, `extra/<name>` or the name of a reward term. NaN = not computed. */
function valueIn(chunk: TraceIndex, name: string): (episode: number) => number {
  if (name === 'step') return () => chunk.step;
  if (name === 'problem') return (e) => chunk.problem[e];
  if (name === 'flip') return (e) => (chunk.attempts === 2 ? flipCode(chunk, e) : Number.NaN);
  if (name === 'unchanged') return (e) => (chunk.attempts === 2 ? chunk.unchanged[e] : Number.NaN);
  const at = name.lastIndexOf('@');
  const field = name.slice(0, at);
  const attempt = Number(name.slice(at + 1)) - 1;
  const { attempts, terms } = chunk;
  if (!(attempt < attempts)) return () => Number.NaN;
  const row = (e: number) => e * attempts + attempt;
  if (field === 'advantage') return (e) => chunk.advantage[row(e)];
  if (field === 'length') return (e) => chunk.lengths[row(e)];
  if (field === 'correct') return (e) => chunk.correct[row(e)];
  if (field.startsWith(EXTRA)) {
    const { extra } = chunk;
    const x = extra?.names.indexOf(field.slice(EXTRA.length)) ?? -1;
    return (e) => (extra && x >= 0 ? extra.numeric[row(e) * extra.names.length + x] : Number.NaN);
  }
  const reward = (name: string | undefined) => {
    const r = name === undefined ? -1 : terms.indexOf(name);
    return (e: number) => (r < 0 ? Number.NaN : chunk.rewards[row(e) * terms.length + r]);
  };
  return reward(field === 'total' ? TOTALS.find((total) => terms.includes(total)) : field);
}

/** Made when first asked for, then kept. */
export function columnOf(table: TraceTable, name: string): Float32Array {
  const known = table.made.get(name);
  if (known) return known;
  const column = new Float32Array(table.rows);
  table.chunks.forEach((chunk, c) => {
    const value = valueIn(chunk, name);
    for (let e = 0; e < chunk.episodes; e++) column[table.starts[c] + e] = value(e);
  });
  table.made.set(name, column);
  return column;
}

/** Columns a list can be sorted by, in the order of the list's own columns, then every reward term and every number beside the score. */
export function columnNames(table: TraceTable): string[] {
  const terms = table.terms.flatMap((term) => [`${term}@1`, `${term}@2`]);
  return [
    'step',
    'flip',
    'total@1',
    'total@2',
    'advantage@1',
    'advantage@2',
    'length@1',
    'length@2',
    'unchanged',
    'problem',
    ...terms.filter((name) => !name.startsWith('total@')),
    ...table.extras.numbers.flatMap((name) => [`${EXTRA}${name}@1`, `${EXTRA}${name}@2`]),
  ];
}
