// The list of runs. A run whose tab died still says "running": it counts as paused when nobody holds its lock.
import { keysOfRun, STORES, type StoredRun, withDatabase } from './database';

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
    const tx = db.transaction(STORES, 'readwrite');
    const range = keysOfRun(runId);
    await Promise.all([
      ...STORES.flatMap((store) => [tx.objectStore(store).delete(range), tx.objectStore(store).delete(runId)]),
      tx.done,
    ]);
  });
}
