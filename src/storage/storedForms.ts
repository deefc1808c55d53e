// Forms that a person saved under a name, and (name '') the one being filled in.
import { type StoredForm, withDatabase } from './database';

export function listForms(): Promise<StoredForm[]> {
  return withDatabase('reading the presets', (db) => db.getAll('forms'));
}

export function putForm(stored: StoredForm): Promise<void> {
  return withDatabase('saving a preset', async (db) => {
    await db.put('forms', stored, stored.name);
  });
}

export function deleteForm(name: string): Promise<void> {
  return withDatabase('removing a preset', (db) => db.delete('forms', name));
}
