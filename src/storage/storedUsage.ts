// What takes how much room: bytes per run and kind, counted over the rows themselves. What the browser says of its own is more,
// because it keeps indexes and room to write.
import { importLock, runLock } from '../protocol/tabs';
import { bytesOfChunk } from '../protocol/traceIndex';
import { keysOfRun, PAGE_STORES, STORES, withDatabase } from './database';
import { heldLocks, listRuns } from './storedRuns';
import { rowsInBatches } from './storedSeries';

export interface RunUsage {
  runId: string;
  /** bytes */
  metrics: number;
  evaluations: number;
  samples: number;
  checkpoints: number;
}

/** Of plain data as it lies in memory: 8 bytes a number, 2 a letter, arrays as they are. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value)) return value.reduce((sum: number, entry) => sum + bytesOf(entry), 0);
  if (typeof value !== 'object' || value === null) return 8;
  return Object.entries(value).reduce((sum, [name, entry]) => sum + 2 * name.length + bytesOf(entry), 0);
}

/** Indexes of samples know the size of their chunk; only chunks without one are read. */
async function samplesOf(runId: string): Promise<number> {
  return withDatabase(`measuring the samples of run ${runId}`, async (db) => {
    const tx = db.transaction(['traces', 'traceIndexes']);
    const indexes = tx.objectStore('traceIndexes');
    let bytes = 0;
    let known = 0;
    for (let at = await indexes.openCursor(keysOfRun(runId)); at; at = await at.continue()) {
      bytes += at.value.index.bytes + bytesOf(at.value.index);
      known++;
    }
    const keys = await tx.objectStore('traces').getAllKeys(keysOfRun(runId));
    if (keys.length === known) return bytes;
    for (const key of keys) {
      if (await indexes.getKey(key)) continue;
      const row = await tx.objectStore('traces').get(key);
      if (row) bytes += bytesOfChunk(row.chunk);
    }
    return bytes;
  });
}

async function seriesOf(store: 'metrics' | 'evaluations', runId: string): Promise<number> {
  let bytes = 0;
  for await (const rows of rowsInBatches(store, runId)) bytes += bytesOf(rows);
  return bytes;
}

/** Largest first. */
export async function measureRuns(): Promise<RunUsage[]> {
  const usages: RunUsage[] = [];
  for (const { config } of await listRuns()) {
    const runId = config.id;
    const checkpoints = await withDatabase(`measuring run ${runId}`, (db) =>
      db.getAll('checkpoints', keysOfRun(runId)),
    );
    usages.push({
      runId,
      metrics: await seriesOf('metrics', runId),
      evaluations: await seriesOf('evaluations', runId),
      samples: await samplesOf(runId),
      checkpoints: bytesOf(checkpoints),
    });
  }
  const total = ({ metrics, evaluations, samples, checkpoints }: RunUsage) =>
    metrics + evaluations + samples + checkpoints;
  return usages.sort((a, b) => total(b) - total(a));
}

/** Rows of no run: what an import or a deletion that was cut off has left. They are removed, unless an import is under way. */
export async function sweepStrays(): Promise<void> {
  const locks = globalThis.navigator?.locks;
  const held = await heldLocks();
  const sweep = () =>
    withDatabase('sweeping', async (db) => {
      const tx = db.transaction(STORES, 'readwrite');
      const runs = new Set(await tx.objectStore('runs').getAllKeys());
      for (const store of STORES) {
        if (store === 'runs') continue;
        for (const key of await tx.objectStore(store).getAllKeys()) {
          const owner = Array.isArray(key) ? key[0] : key;
          if (!runs.has(owner) && !held.has(runLock(owner))) await tx.objectStore(store).delete(key);
        }
      }
      await tx.done;
    });
  if (!locks) return sweep();
  await locks.request(importLock, { ifAvailable: true }, (lock) => (lock ? sweep() : undefined));
}

/** Every run, label, queue and form. All or nothing. */
export function clearStorage(): Promise<void> {
  return withDatabase('deleting everything', async (db) => {
    const stores = [...STORES, ...PAGE_STORES];
    const tx = db.transaction(stores, 'readwrite');
    await Promise.all([...stores.map((store) => tx.objectStore(store).clear()), tx.done]);
  });
}
