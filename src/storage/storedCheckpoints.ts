// Checkpoints: the last and the best of each run. One put is one transaction: a tab killed in the middle leaves the
// checkpoint before, never half of one. `strict` waits until the disk has it.
import type { Checkpoint } from '../protocol/checkpoint';
import { StudioError } from '../protocol/errors';
import { type CheckpointSlot, withDatabase } from './database';

/** Writes a checkpoint into one or both slots and notes its step in the list of runs, all or nothing. */
export function putCheckpoint(runId: string, slots: CheckpointSlot[], checkpoint: Checkpoint): Promise<void> {
  return withDatabase(`saving the checkpoint of step ${checkpoint.step}`, async (db) => {
    const tx = db.transaction(['checkpoints', 'runs'], 'readwrite', { durability: 'strict' });
    for (const slot of slots) await tx.objectStore('checkpoints').put({ runId, slot, checkpoint }, [runId, slot]);
    const run = await tx.objectStore('runs').get(runId);
    if (run && slots.includes('last')) {
      const step = checkpoint.step;
      await tx
        .objectStore('runs')
        .put({ ...run, step, checkpointStep: step, updatedAt: new Date().toISOString() }, runId);
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
  const { checkpoint } = row;
  if (checkpoint.version !== 1) {
    throw new StudioError(
      'storage',
      `checkpoint of run ${runId}: expected version 1, got ${checkpoint.version}. It was made by another version of this page; start a new run.`,
    );
  }
  for (const { name, shape, data } of checkpoint.tensors) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (data.length !== size) {
      throw new StudioError(
        'storage',
        `checkpoint of run ${runId}, "${name}": expected ${size} numbers for [${shape}], got ${data.length}. Start a new run.`,
      );
    }
  }
  return checkpoint;
}
