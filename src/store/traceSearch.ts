// Looks for a text in the samples, chunk by chunk, a few milliseconds at a time: the page stays free and it can be left.
import { attemptText } from '../protocol/expandTrace';
import type { TraceChunk } from '../protocol/trace';
import type { TraceKey } from '../storage/storedTraces';
import { episodeOf, type TraceTable } from './traceTable';

/** Longest time at a stretch, ms: well under the 50 ms that a frame may be late. */
const STRETCH = 10;

export interface SearchProgress {
  /** Chunks read, of all that must be. */
  done: number;
  total: number;
  /** Rows found so far, in the order of the table. */
  found: number[];
}

interface SearchJob {
  table: TraceTable;
  /** In the order of the table. */
  rows: Uint32Array;
  text: string;
  read(key: TraceKey): Promise<TraceChunk | null>;
  onProgress(progress: SearchProgress): void;
  signal: AbortSignal;
}

const letOthers = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Upper and lower case alike. A chunk that is gone holds nothing. @returns false when it was broken off */
export async function searchTexts({ table, rows, text, read, onProgress, signal }: SearchJob): Promise<boolean> {
  const wanted = text.toLocaleLowerCase();
  const holds = (words: string) => words.toLocaleLowerCase().includes(wanted);
  const found: number[] = [];
  const chunks = chunksOf(table, rows);
  let rested = performance.now();
  for (const [done, { chunk: c, from, to }] of chunks.entries()) {
    onProgress({ done, total: chunks.length, found });
    const chunk = await read(table.chunks[c]);
    if (signal.aborted) return false;
    for (let i = from; chunk && i < to; i++) {
      if (performance.now() - rested > STRETCH) {
        await letOthers();
        if (signal.aborted) return false;
        rested = performance.now();
      }
      const e = episodeOf(table, rows[i]);
      if (e >= chunk.episodes) continue;
      const row = e * chunk.attempts;
      let hit = holds(chunk.prompts[e]);
      for (let attempt = 0; !hit && attempt < chunk.attempts; attempt++) hit = holds(attemptText(chunk, row + attempt));
      if (hit) found.push(rows[i]);
    }
  }
  onProgress({ done: chunks.length, total: chunks.length, found });
  return true;
}

/** Runs of rows that lie in one chunk. */
export function chunksOf(table: TraceTable, rows: Uint32Array): { chunk: number; from: number; to: number }[] {
  const runs: { chunk: number; from: number; to: number }[] = [];
  for (let i = 0; i < rows.length; i++) {
    const chunk = table.chunkOf[rows[i]];
    const last = runs.at(-1);
    if (last?.chunk === chunk) last.to = i + 1;
    else runs.push({ chunk, from: i, to: i + 1 });
  }
  return runs;
}
