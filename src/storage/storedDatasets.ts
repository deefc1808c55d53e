// Datasets that a person keeps in the browser. What they are lies apart from their rows, so that a list never reads them.
import type { DatasetInfo } from '../protocol/datasets';
import { withDatabase } from './database';

export function putDataset(info: DatasetInfo, jsonl: string): Promise<void> {
  return withDatabase('keeping a dataset', async (db) => {
    const tx = db.transaction(['datasets', 'datasetRows'], 'readwrite');
    await Promise.all([
      tx.objectStore('datasets').put(info, info.id),
      tx.objectStore('datasetRows').put(jsonl, info.id),
      tx.done,
    ]);
  });
}

/** Newest first. */
export async function listDatasets(): Promise<DatasetInfo[]> {
  const all = await withDatabase('listing datasets', (db) => db.getAll('datasets'));
  return all.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}

/** Its rows as JSONL; null when it is gone. */
export async function readDatasetRows(id: string): Promise<string | null> {
  return (await withDatabase('reading a dataset', (db) => db.get('datasetRows', id))) ?? null;
}

export function deleteDataset(id: string): Promise<void> {
  return withDatabase('deleting a dataset', async (db) => {
    const tx = db.transaction(['datasets', 'datasetRows'], 'readwrite');
    await Promise.all([tx.objectStore('datasets').delete(id), tx.objectStore('datasetRows').delete(id), tx.done]);
  });
}
