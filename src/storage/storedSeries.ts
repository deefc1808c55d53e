// What the charts of a run are drawn from: one row of metrics per step, and its evaluations.
import type { Evaluation } from '../protocol/events';
import { keysOfRun, type StoredMetrics, type StudioDatabase, withDatabase } from './database';

export function putMetrics(row: StoredMetrics): Promise<void> {
  return withDatabase(`saving step ${row.step}`, async (db) => {
    await db.put('metrics', row, [row.runId, row.step]);
  });
}

/** In the order of steps. */
export function readMetrics(runId: string): Promise<StoredMetrics[]> {
  return withDatabase(`reading the metrics of run ${runId}`, (db) => db.getAll('metrics', keysOfRun(runId)));
}

export function putEvaluation(runId: string, evaluation: Evaluation): Promise<void> {
  return withDatabase(`saving the evaluation at step ${evaluation.step}`, async (db) => {
    await db.put('evaluations', { runId, evaluation }, [runId, evaluation.step, evaluation.slice]);
  });
}

/** In the order of steps, validation slice after test slice where a step has both. */
export async function readEvaluations(runId: string): Promise<Evaluation[]> {
  const rows = await withDatabase(`reading the evaluations of run ${runId}`, (db) =>
    db.getAll('evaluations', keysOfRun(runId)),
  );
  return rows.map(({ evaluation }) => evaluation);
}

const BATCH = 200;

/** Rows of a long run a few at a time, in the order of steps: the page draws between two batches. */
export async function* rowsInBatches<S extends 'metrics' | 'evaluations'>(
  store: S,
  runId: string,
): AsyncGenerator<StudioDatabase[S]['value'][]> {
  let range = keysOfRun(runId);
  for (;;) {
    const [keys, rows] = await withDatabase(`reading run ${runId}`, (db) => {
      const tx = db.transaction(store);
      return Promise.all([tx.store.getAllKeys(range, BATCH), tx.store.getAll(range, BATCH)]);
    });
    const last = keys.at(-1);
    if (last === undefined) return;
    yield rows;
    if (rows.length < BATCH) return;
    range = IDBKeyRange.bound(last, [runId, []], true);
  }
}
