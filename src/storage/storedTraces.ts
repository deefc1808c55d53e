// The samples behind every point of a curve, one chunk of columns per (run, step, kind).
import type { TraceChunk } from '../protocol/trace';
import { keysOfRun, withDatabase } from './database';

export function putTraces(runId: string, chunk: TraceChunk): Promise<void> {
  return withDatabase(`saving the samples of step ${chunk.step}`, async (db) => {
    await db.put('traces', { runId, chunk }, [runId, chunk.step, chunk.kind]);
  });
}

export async function readTraces(runId: string, step: number, kind: TraceChunk['kind']): Promise<TraceChunk | null> {
  const row = await withDatabase(`reading the samples of step ${step}`, (db) => db.get('traces', [runId, step, kind]));
  return row?.chunk ?? null;
}

/** Which samples a run has, without reading them. In the order of steps. */
export async function listTraces(runId: string): Promise<{ step: number; kind: string }[]> {
  const keys = await withDatabase(`listing the samples of run ${runId}`, (db) =>
    db.getAllKeys('traces', keysOfRun(runId)),
  );
  return keys.map(([, step, kind]) => ({ step, kind }));
}
