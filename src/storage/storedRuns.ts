// The list of runs. A run whose tab died still says "running": it counts as paused when nobody holds its lock.
import { runLock } from '../protocol/tabs';
import { keysOfRun, STORES, type StoredRun, withDatabase } from './database';

export async function heldLocks(): Promise<Set<string>> {
  const locks = globalThis.navigator?.locks;
  const { held } = locks ? await locks.query() : { held: [] };
  return new Set(held?.map(({ name }) => name ?? ''));
}

export function putRun(run: StoredRun): Promise<void> {
  return withDatabase(`saving run ${run.config.id}`, async (db) => {
    await db.put('runs', run, run.config.id);
  });
}

/** A stored run and who is at work on it. */
export interface KnownRun extends StoredRun {
  /** Some worker, of this tab or of another, holds it. */
  held: boolean;
  /** It was being practised when its tab or worker ended; `status` says `paused`. */
  interrupted: boolean;
}

function known(run: StoredRun, locks: ReadonlySet<string>): KnownRun {
  const held = locks.has(runLock(run.config.id));
  const interrupted = run.status === 'running' && !held;
  return { ...run, held, interrupted, status: interrupted ? 'paused' : run.status };
}

/** Newest first. */
export async function listRuns(): Promise<KnownRun[]> {
  const runs = await withDatabase('listing runs', (db) => db.getAll('runs'));
  const held = await heldLocks();
  return runs.map((run) => known(run, held)).sort((a, b) => b.config.createdAt.localeCompare(a.config.createdAt));
}

export function readRun(runId: string): Promise<StoredRun | undefined> {
  return withDatabase(`reading run ${runId}`, (db) => db.get('runs', runId));
}

export async function readKnownRun(runId: string): Promise<KnownRun | null> {
  const run = await readRun(runId);
  return run ? known(run, await heldLocks()) : null;
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
