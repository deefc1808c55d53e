// How much room a run's samples take, and giving some of them up: chunks and indexes go together with the note in the list
// of runs that they went, so that nobody mistakes a thinned step for a lost one.

import type { ChunkSize, TraceRecord } from '../protocol/traceBudget';
import { bytesOfChunk } from '../protocol/traceIndex';
import { keysOfRun, withDatabase } from './database';
import { listTraces } from './storedTraces';

/** Every chunk of a run with its size, in the order of steps. Chunks are read only where their index is missing. */
export async function readChunkSizes(runId: string): Promise<ChunkSize[]> {
  const keys = await listTraces(runId);
  return withDatabase(`measuring the samples of run ${runId}`, async (db) => {
    const sizes = new Map<string, number>();
    const tx = db.transaction('traceIndexes');
    for (let at = await tx.store.openCursor(keysOfRun(runId)); at; at = await at.continue()) {
      sizes.set(`${at.value.index.step} ${at.value.index.kind}`, at.value.index.bytes);
    }
    const chunks: ChunkSize[] = [];
    for (const { step, kind } of keys) {
      const known = sizes.get(`${step} ${kind}`);
      const row = known === undefined ? await db.get('traces', [runId, step, kind]) : undefined;
      chunks.push({ step, kind, bytes: known ?? (row ? bytesOfChunk(row.chunk) : 0) });
    }
    return chunks;
  });
}

/** Removes chunks and notes it, all or nothing. */
export function thinTraces(runId: string, chunks: readonly ChunkSize[], traces: TraceRecord): Promise<void> {
  return withDatabase(`thinning the samples of run ${runId}`, async (db) => {
    const tx = db.transaction(['runs', 'traces', 'traceIndexes'], 'readwrite');
    for (const { step, kind } of chunks) {
      await tx.objectStore('traces').delete([runId, step, kind]);
      await tx.objectStore('traceIndexes').delete([runId, step, kind]);
    }
    const run = await tx.objectStore('runs').get(runId);
    if (run) await tx.objectStore('runs').put({ ...run, traces }, runId);
    await tx.done;
  });
}
