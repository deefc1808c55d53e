// Checkpoints: the last and the best of each run. One put is one transaction: a tab killed in the middle leaves the
// checkpoint before, never half of one. `strict` waits until the disk has it.
import type { Checkpoint, CheckpointSlot } from '../protocol/checkpoint';
import { StudioError } from '../protocol/errors';
import { STEP_STORES, STORES, withDatabase } from './database';

/** Writes a checkpoint into one or both slots and notes its step in the list of runs, all or nothing. */
export function putCheckpoint(runId: string, slots: CheckpointSlot[], checkpoint: Checkpoint): Promise<void> {
  return withDatabase(`saving the checkpoint of step ${checkpoint.step}`, async (db) => {
    const tx = db.transaction(['checkpoints', 'runs'], 'readwrite', { durability: 'strict' });
    for (const slot of slots) await tx.objectStore('checkpoints').put({ runId, slot, checkpoint }, [runId, slot]);
    const run = await tx.objectStore('runs').get(runId);
    if (run && slots.includes('last')) {
      const { step } = checkpoint;
      const best = slots.includes('best') ? { bestStep: step } : {};
      const updatedAt = new Date().toISOString();
      await tx.objectStore('runs').put({ ...run, ...best, step, checkpointStep: step, updatedAt }, runId);
    }
    await tx.done;
  });
}

/** @throws StudioError('storage') when there is one that this version cannot read. */
export async function readCheckpoint(runId: string, slot: CheckpointSlot): Promise<Checkpoint | null> {
  const row = await withDatabase(`reading the checkpoint of run ${runId}`, (db) =>
    db.get('checkpoints', [runId, slot]),
  );
  if (!row) return null;
  checkLayout(runId, row.checkpoint);
  return row.checkpoint;
}

/**
 * Sets a run back to a checkpoint (`last`: to its beginning when there is none), all or nothing: later rows are forgotten,
 * and the checkpoint is the last one from now on. A run that goes on writes the same rows again.
 */
export function rewindRun(runId: string, slot: CheckpointSlot): Promise<Checkpoint | null> {
  return withDatabase(`setting run ${runId} back to its ${slot} checkpoint`, async (db) => {
    const tx = db.transaction(STORES, 'readwrite', { durability: 'strict' });
    const checkpoints = tx.objectStore('checkpoints');
    try {
      const checkpoint = (await checkpoints.get([runId, slot]))?.checkpoint ?? null;
      const run = await tx.objectStore('runs').get(runId);
      if (!run || (slot === 'best' && !checkpoint)) throw missing(runId, run ? 'a best checkpoint' : 'it');
      if (checkpoint) checkLayout(runId, checkpoint);
      // Before the first checkpoint nothing is kept: the run begins again.
      const step = checkpoint?.step ?? -1;
      const range = IDBKeyRange.bound([runId, step], [runId, []]);
      for (const store of STEP_STORES) {
        for (let cursor = await tx.objectStore(store).openCursor(range); cursor; cursor = await cursor.continue()) {
          if (cursor.key[1] > step) await cursor.delete();
        }
      }
      if (checkpoint && slot === 'best') await checkpoints.put({ runId, slot: 'last', checkpoint }, [runId, 'last']);
      const isBehind = run.finished !== null && step < run.finished.step;
      const again = isBehind ? ({ finished: null, status: 'paused' } as const) : {};
      // Steps that come again may keep their samples this time.
      const traces = run.traces && {
        traces: { ...run.traces, thinnedSteps: run.traces.thinnedSteps.filter((thinned) => thinned <= step) },
      };
      const stands = { step: Math.max(step, 0), checkpointStep: checkpoint?.step ?? null };
      await tx
        .objectStore('runs')
        .put({ ...run, ...again, ...traces, ...stands, updatedAt: new Date().toISOString() }, runId);
      await tx.done;
      return checkpoint;
    } catch (error) {
      // What was deleted so far comes back.
      tx.abort();
      await tx.done.catch(() => undefined);
      throw error;
    }
  });
}

function missing(runId: string, what: string): StudioError {
  return new StudioError(
    'storage',
    `run ${runId}: expected ${what} among what is stored, it is not there. It may have been deleted.`,
  );
}

/** @throws StudioError('storage') */
function checkLayout(runId: string, { version, tensors }: Checkpoint): void {
  if (version !== 1) {
    throw new StudioError(
      'storage',
      `checkpoint of run ${runId}: expected version 1, got ${version}. It was made by another version of this page; start a new run.`,
    );
  }
  for (const { name, shape, data } of tensors) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (data.length !== size) {
      throw new StudioError(
        'storage',
        `checkpoint of run ${runId}, "${name}": expected ${size} numbers for [${shape}], got ${data.length}. Start a new run.`,
      );
    }
  }
}
