// The list of runs. A run whose tab died still says "running": it counts as paused when nobody holds its lock.
import { keysOfRun, type StoredRun, withDatabase } from './database';

/** Held by the worker that trains this run. */
export function runLock(runId: string): string {
  return `second-thought-run-${runId}`;
}

async function heldLocks(): Promise<Set<string>> {
  const locks = globalThis.navigator?.locks;
  const { held } = locks ? await locks.query() : { held: [] };
  return new Set(held?.map(({ name }) => name ?? ''));
}

export function putRun(run: StoredRun): Promise<void> {
  return withDatabase(`saving run ${run.config.id}`, async (db) => {
    await db.put('runs', run, run.config.id);
  });
}

/** Newest first. */
export async function listRuns(): Promise<StoredRun[]> {
  const runs = await withDatabase('listing runs', (db) => db.getAll('runs'));
  const held = await heldLocks();
  return runs
    .map((run): StoredRun => {
      const alive = run.status !== 'running' || held.has(runLock(run.config.id));
      return alive ? run : { ...run, status: 'paused' };
    })
    .sort((a, b) => b.config.createdAt.localeCompare(a.config.createdAt));
}

export function readRun(runId: string): Promise<StoredRun | undefined> {
  return withDatabase(`reading run ${runId}`, (db) => db.get('runs', runId));
}

/** Removes a run with everything that belongs to it, all or nothing. */
export function deleteRun(runId: string): Promise<void> {
  return withDatabase(`deleting run ${runId}`, async (db) => {
    const tx = db.transaction(['runs', 'metrics', 'evaluations', 'traces', 'traceIndexes', 'checkpoints'], 'readwrite');
    const range = keysOfRun(runId);
    await Promise.all([
      tx.objectStore('runs').delete(runId),
      tx.objectStore('metrics').delete(range),
      tx.objectStore('evaluations').delete(range),
      tx.objectStore('traces').delete(range),
      tx.objectStore('traceIndexes').delete(range),
      tx.objectStore('checkpoints').delete(range),
      tx.done,
    ]);
  });
}

/** Forgets rows after `step`: a run that goes on from a checkpoint writes them again. */
export function trimRun(runId: string, step: number): Promise<void> {
  return withDatabase(`rewinding run ${runId}`, async (db) => {
    const stores = ['metrics', 'evaluations', 'traces', 'traceIndexes'] as const;
    const tx = db.transaction(stores, 'readwrite');
    const range = IDBKeyRange.bound([runId, step], [runId, []]);
    for (const store of stores) {
      for (let cursor = await tx.objectStore(store).openCursor(range); cursor; cursor = await cursor.continue()) {
        if (cursor.key[1] > step) await cursor.delete();
      }
    }
    await tx.done;
  });
}
