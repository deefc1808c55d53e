// The samples behind every point of a curve, one chunk of columns per (run, step, kind), and beside each chunk its
// compact index: lists are made of indexes, chunks are read only for what is on screen.
import type { TraceChunk } from '../protocol/trace';
import { indexOfChunk, type TraceIndex } from '../protocol/traceIndex';
import { keysOfRun, withDatabase } from './database';

/** Names one chunk within a run. */
export interface TraceKey {
  step: number;
  kind: TraceChunk['kind'];
}

const STORES = ['traces', 'traceIndexes'] as const;

/** Chunk and index, both or none. */
export function putTraces(runId: string, chunk: TraceChunk): Promise<void> {
  return withDatabase(`saving the samples of step ${chunk.step}`, async (db) => {
    const tx = db.transaction(STORES, 'readwrite');
    const key: [string, number, string] = [runId, chunk.step, chunk.kind];
    await Promise.all([
      tx.objectStore('traces').put({ runId, chunk }, key),
      tx.objectStore('traceIndexes').put({ runId, index: indexOfChunk(chunk) }, key),
      tx.done,
    ]);
  });
}

export async function readTraces(runId: string, step: number, kind: TraceChunk['kind']): Promise<TraceChunk | null> {
  const row = await withDatabase(`reading the samples of step ${step}`, (db) => db.get('traces', [runId, step, kind]));
  return row?.chunk ?? null;
}

const KINDS: readonly TraceChunk['kind'][] = ['train', 'eval_greedy', 'eval_sampled'];

/** Which samples a run has, without reading them. In the order of steps. */
export async function listTraces(runId: string): Promise<TraceKey[]> {
  const keys = await withDatabase(`listing the samples of run ${runId}`, (db) =>
    db.getAllKeys('traces', keysOfRun(runId)),
  );
  return keys.flatMap(([, step, name]) => {
    const kind = KINDS.find((known) => known === name);
    return kind ? [{ step, kind }] : [];
  });
}

/** The index of one chunk; made from the chunk, and kept, where there is none yet. null when the chunk is gone. */
export function readTraceIndex(runId: string, { step, kind }: TraceKey): Promise<TraceIndex | null> {
  return withDatabase(`reading the list of samples of step ${step}`, async (db) => {
    const key: [string, number, string] = [runId, step, kind];
    const known = await db.get('traceIndexes', key);
    if (known?.index.version === 1) return known.index;
    // One transaction, so that a run deleted meanwhile leaves no index behind.
    const tx = db.transaction(STORES, 'readwrite');
    const row = await tx.objectStore('traces').get(key);
    const index = row ? indexOfChunk(row.chunk) : null;
    if (index) await tx.objectStore('traceIndexes').put({ runId, index }, key);
    await tx.done;
    return index;
  });
}

/** The indexes of neighbouring chunks at once; null where there is none yet. @param keys in the order of `listTraces` */
export function readTraceIndexes(runId: string, keys: readonly TraceKey[]): Promise<(TraceIndex | null)[]> {
  return withDatabase(`reading the lists of samples of run ${runId}`, async (db) => {
    const [from, to] = [keys[0], keys[keys.length - 1]];
    if (!from) return [];
    const range = IDBKeyRange.bound([runId, from.step, from.kind], [runId, to.step, to.kind]);
    const rows = await db.getAll('traceIndexes', range);
    const found = new Map(rows.map(({ index }) => [`${index.step} ${index.kind}`, index]));
    return keys.map(({ step, kind }) => {
      const index = found.get(`${step} ${kind}`);
      return index?.version === 1 ? index : null;
    });
  });
}
