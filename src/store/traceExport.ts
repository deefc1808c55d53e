// The filtered samples as a file: one readable trace per line (JSONL), one row per sample (CSV), or TRL's completions table
// (Parquet). Written piece by piece in the order of steps, a few milliseconds at a time; pieces become one Blob, which the
// browser may keep on disk.
import { expandTrace } from '../protocol/expandTrace';
import type { AttemptTrace, TokenTrace, Trace, TraceChunk } from '../protocol/trace';
import type { TraceKey } from '../storage/storedTraces';
import { chunksOf } from './traceSearch';
import { episodeOf, type TraceTable } from './traceTable';

export type ExportFormat = 'jsonl' | 'csv' | 'parquet';

/** Takes samples one by one and gives pieces of a file. */
export interface TraceWriter {
  add(trace: Trace): void;
  /** What can be written so far; empty while it still gathers. */
  take(): BlobPart[];
  /** The rest. */
  finish(): BlobPart[];
}

interface ExportJob {
  table: TraceTable;
  rows: Uint32Array;
  read(key: TraceKey): Promise<TraceChunk | null>;
  writer: TraceWriter;
  type: string;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

const STRETCH = 10;
const letOthers = () => new Promise<void>((resolve) => setTimeout(resolve));

/** null when it was broken off. Samples whose chunk is gone are left out and counted. */
export async function exportTraces(job: ExportJob): Promise<{ blob: Blob; written: number } | null> {
  const { table, writer, signal } = job;
  const rows = job.rows.slice().sort();
  const pieces: BlobPart[] = [];
  let written = 0;
  let rested = performance.now();
  for (const { chunk: c, from, to } of chunksOf(table, rows)) {
    const chunk = await job.read(table.chunks[c]);
    for (let i = from; chunk && i < to; i++) {
      if (signal.aborted) return null;
      if (performance.now() - rested > STRETCH) {
        job.onProgress(i, rows.length);
        await letOthers();
        rested = performance.now();
      }
      const episode = episodeOf(table, rows[i]);
      if (episode >= chunk.episodes) continue;
      writer.add(expandTrace(chunk, episode));
      written++;
      pieces.push(...writer.take());
    }
    // A Blob of Blobs: the browser may move what is done out of memory.
    if (pieces.length > 64) pieces.splice(0, pieces.length, new Blob(pieces));
  }
  if (signal.aborted) return null;
  pieces.push(...writer.finish());
  job.onProgress(rows.length, rows.length);
  return { blob: new Blob(pieces, { type: job.type }), written };
}

/** Float32 numbers in as few digits as give them back exactly. */
const digits = (value: number | null) => (value === null ? null : Number(value.toPrecision(9)));

const plain = (value: number | string | null) => (typeof value === 'number' ? digits(value) : value);

const PIECE = 256 * 1024;

function textWriter(header: string, lineOf: (trace: Trace) => string): TraceWriter {
  let text = header;
  const take = () => {
    const piece = text;
    text = '';
    return piece === '' ? [] : [piece];
  };
  return {
    add(trace) {
      text += lineOf(trace);
    },
    take: () => (text.length < PIECE ? [] : take()),
    finish: take,
  };
}

function attemptJson({ text, correct, rewards, advantage, extra, tokens }: AttemptTrace) {
  const column = (name: keyof Omit<TokenTrace, 'id' | 'text'>) => tokens.map((token) => digits(token[name]));
  return {
    text,
    correct,
    rewards: Object.fromEntries(Object.entries(rewards).map(([term, value]) => [term, digits(value)])),
    advantage: digits(advantage),
    ...(extra && { extra: Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, plain(value)])) }),
    tokens: tokens.map((token) => token.text),
    token_ids: tokens.map((token) => token.id),
    log_prob: column('logProb'),
    ref_log_prob: column('refLogProb'),
    kl: column('kl'),
    entropy: column('entropy'),
  };
}

/** null = not computed, as everywhere. */
export function jsonlWriter(runId: string): TraceWriter {
  return textWriter('', (trace) => {
    const { index: sample, step, stage, kind, problem, first, prompt, instruction, flip, attempts } = trace;
    const head = { version: 1, run: runId, kind, step, stage, sample, problem, first, prompt, instruction, flip };
    return `${JSON.stringify({ ...head, attempts: attempts.map(attemptJson) })}\n`;
  });
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it; so does one that begins with an apostrophe, so
 *  that taking one away gives the text back. Numbers stay numbers. */
function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(Number(value));
  const text = /^[=+\-@\t\r']/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The columns that a run has beside those of every run. */
export type RunColumns = Pick<TraceTable, 'terms' | 'extras'>;

/** Names of columns beside the score; one that is taken gets a prefix. */
export function extraColumns(names: readonly string[], taken: ReadonlySet<string>): { name: string; column: string }[] {
  return names.map((name) => ({ name, column: taken.has(name) ? `extra_${name}` : name }));
}

/** One row per sample; attempt-wise columns end in `_t1` and `_t2`. Empty = not computed. */
export function csvWriter(runId: string, { terms, extras }: RunColumns): TraceWriter {
  const head = ['run', 'kind', 'step', 'stage', 'sample', 'problem', 'first', 'prompt', 'flip'];
  const scored = ['completion', 'correct', 'tokens', 'advantage', ...terms];
  const beside = extraColumns([...extras.numbers, ...extras.texts], new Set(scored));
  const perAttempt = [...scored, ...beside.map(({ column }) => column)];
  const names = [1, 2].flatMap((turn) => perAttempt.map((name) => `${name}_t${turn}`));
  return textWriter(`${[...head, ...names].map(csvCell).join(',')}\r\n`, (trace) => {
    const { kind, step, stage, index, problem, first, prompt, flip } = trace;
    const cells = [0, 1].flatMap((i) => {
      const attempt = trace.attempts[i] as AttemptTrace | undefined;
      const rewards = terms.map((term) => digits(attempt?.rewards[term] ?? null));
      const extra = beside.map(({ name }) => plain(attempt?.extra?.[name] ?? null));
      const advantage = digits(attempt?.advantage ?? null);
      return [attempt?.text, attempt?.correct, attempt?.tokens.length, advantage, ...rewards, ...extra];
    });
    const row = [runId, kind, step, stage, index, problem, first, prompt, flip, ...cells];
    return `${row.map(csvCell).join(',')}\r\n`;
  });
}
