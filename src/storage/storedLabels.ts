// Names, tags and groups of runs, and which runs were put away.
import { type RunLabel, withDatabase } from './database';

export function listLabels(): Promise<RunLabel[]> {
  return withDatabase('reading the names of runs', (db) => db.getAll('labels'));
}

export function putLabel(label: RunLabel): Promise<void> {
  return withDatabase(`naming run ${label.runId}`, async (db) => {
    await db.put('labels', label, label.runId);
  });
}
