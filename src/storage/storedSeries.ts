// What the charts of a run are drawn from: one row of metrics per step, and its evaluations.
import type { Evaluation } from '../protocol/events';
import { keysOfRun, type StoredMetrics, withDatabase } from './database';

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
