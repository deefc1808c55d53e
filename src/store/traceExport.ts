// The filtered samples as a file: one readable trace per line (JSONL), one row per sample (CSV), or TRL's completions table
// (Parquet). Written piece by piece in the order of steps, a few milliseconds at a time; pieces become one Blob, which the
// browser may keep on disk.
import { parsePrompt, readAnswer } from '../lib/dialProblem';
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

function attemptJson({ text, correct, rewards, advantage, tokens }: AttemptTrace) {
  const column = (name: keyof Omit<TokenTrace, 'id' | 'text'>) => tokens.map((token) => digits(token[name]));
  return {
    text,
    correct,
    rewards: Object.fromEntries(Object.entries(rewards).map(([term, value]) => [term, digits(value)])),
    advantage: digits(advantage),
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

function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'boolean' ? String(Number(value)) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row per sample; attempt-wise columns end in `_t1` and `_t2`. Empty = not computed. @param terms of the whole run */
export function csvWriter(runId: string, terms: readonly string[]): TraceWriter {
  const head = ['run', 'kind', 'step', 'stage', 'sample', 'problem', 'first', 'prompt', 'flip'];
  const perAttempt = ['completion', 'correct', 'tokens', 'advantage', ...terms];
  const names = [1, 2].flatMap((turn) => perAttempt.map((name) => `${name}_t${turn}`));
  return textWriter(`${[...head, ...names].map(csvCell).join(',')}\r\n`, (trace) => {
    const { kind, step, stage, index, problem, first, prompt, flip } = trace;
    const cells = [0, 1].flatMap((i) => {
      const attempt = trace.attempts[i] as AttemptTrace | undefined;
      const rewards = terms.map((term) => digits(attempt?.rewards[term] ?? null));
      return [attempt?.text, attempt?.correct, attempt?.tokens.length, digits(attempt?.advantage ?? null), ...rewards];
    });
    const row = [runId, kind, step, stage, index, problem, first, prompt, flip, ...cells];
    return `${row.map(csvCell).join(',')}\r\n`;
  });
}

/** Where an answer to Dial lands, and where it should; null for other tasks. */
export function parsedAnswer(prompt: string, text: string): { answer: string | null; solution: string | null } {
  if (!parsePrompt(prompt)) return { answer: null, solution: null };
  const landing = readAnswer(text).hops.at(-1)?.landing;
  return { answer: landing === undefined ? null : String(landing), solution: '0' };
}
