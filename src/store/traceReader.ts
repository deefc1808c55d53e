// Reads what a list of samples needs from storage, and no more: chunks for the rows on screen, the last used kept.
import { attemptText } from '../protocol/expandTrace';
import type { TraceChunk } from '../protocol/trace';
import { bytesOfChunk, type TraceIndex } from '../protocol/traceIndex';
import { listTraces, readTraceIndex, readTraceIndexes, readTraces, type TraceKey } from '../storage/storedTraces';
import { chunkAt, episodeOf, type TraceTable } from './traceTable';

/** Where samples lie: the browser's storage, or a test's arrays. */
export interface TraceShelf {
  keys(): Promise<TraceKey[]>;
  /** null where a chunk has no index yet */
  indexes(keys: readonly TraceKey[]): Promise<(TraceIndex | null)[]>;
  /** Made from its chunk if need be; null when the chunk is gone. */
  index(key: TraceKey): Promise<TraceIndex | null>;
  chunk(key: TraceKey): Promise<TraceChunk | null>;
}

export function storedShelf(runId: string): TraceShelf {
  return {
    keys: () => listTraces(runId),
    indexes: (keys) => readTraceIndexes(runId, keys),
    index: (key) => readTraceIndex(runId, key),
    chunk: ({ step, kind }) => readTraces(runId, step, kind),
  };
}

/** The texts of one row; null while they are read, `gone` when they are not stored any more. */
export type RowText = { prompt: string; answers: string[] } | 'gone';

const MOST_BYTES = 48_000_000;
const MOST_TEXTS = 5_000;
/** Chunks read side by side: enough to keep storage busy, few enough to drop what was scrolled past. */
const ABREAST = 4;

export class TraceReader {
  /** In the order of their last use. */
  private readonly kept = new Map<string, { chunk: TraceChunk; bytes: number }>();
  private bytes = 0;
  private texts = new Map<number, RowText>();
  private wanted: number[] = [];
  private isPumping = false;
  private table: TraceTable | null = null;

  /** @param onArrived is told when texts that were wanted have come */
  constructor(
    private readonly shelf: TraceShelf,
    private readonly onArrived: () => void,
  ) {}

  /** Row numbers from now on mean rows of this table. */
  follow(table: TraceTable): void {
    const isLonger = this.table?.chunks.every((chunk, c) => table.chunks[c] === chunk) ?? false;
    this.table = table;
    // The rows known are the same rows.
    if (isLonger) return;
    this.texts = new Map();
    this.wanted = [];
    // A run that was resumed may have written the same steps anew.
    this.kept.clear();
    this.bytes = 0;
  }

  async chunk(key: TraceKey): Promise<TraceChunk | null> {
    const name = `${key.step} ${key.kind}`;
    const known = this.kept.get(name);
    if (known) {
      this.kept.delete(name);
      this.kept.set(name, known);
      return known.chunk;
    }
    const chunk = await this.shelf.chunk(key);
    if (!chunk || this.kept.has(name)) return chunk;
    const bytes = bytesOfChunk(chunk);
    this.kept.set(name, { chunk, bytes });
    this.bytes += bytes;
    for (const [oldest, entry] of this.kept) {
      if (this.bytes <= MOST_BYTES || oldest === name) break;
      this.kept.delete(oldest);
      this.bytes -= entry.bytes;
    }
    return chunk;
  }

  text(row: number): RowText | null {
    return this.texts.get(row) ?? null;
  }

  /** Asks for the texts of these rows; a later wish replaces one that was not fulfilled yet. */
  want(rows: readonly number[]): void {
    this.wanted = rows.filter((row) => !this.texts.has(row));
    if (!this.isPumping && this.wanted.length > 0) void this.pump();
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    while (this.wanted.length > 0 && this.table) {
      const { table } = this;
      const chunks = [...new Set(this.wanted.map((row) => table.chunkOf[row]))].slice(0, ABREAST);
      const read = await Promise.all(chunks.map((c) => this.chunk(table.chunks[c]).catch(() => null)));
      if (table !== this.table) continue;
      for (const row of this.wanted) {
        const place = chunks.indexOf(table.chunkOf[row]);
        if (place >= 0) this.texts.set(row, textOf(table, row, read[place]));
      }
      this.wanted = this.wanted.filter((row) => !this.texts.has(row));
      for (const row of this.texts.keys()) {
        if (this.texts.size <= MOST_TEXTS) break;
        this.texts.delete(row);
      }
      this.onArrived();
    }
    this.isPumping = false;
  }
}

function textOf(table: TraceTable, row: number, chunk: TraceChunk | null): RowText {
  const episode = episodeOf(table, row);
  if (!chunk || episode >= chunk.episodes) return 'gone';
  const { attempts } = chunkAt(table, row);
  return {
    prompt: chunk.prompts[episode],
    answers: Array.from({ length: attempts }, (_, attempt) => attemptText(chunk, episode * attempts + attempt)),
  };
}
