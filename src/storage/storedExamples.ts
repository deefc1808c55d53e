// Conversations that a person saved from the playground, to train on later or to take home.
import { withDatabase } from './database';

export interface SavedExample {
  id: string;
  /** ISO 8601 */
  savedAt: string;
  /** In the layout of chat datasets: user, assistant, user, assistant; a conversation may begin with the system's words. */
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[];
  /** Whether each attempt is right; empty where nobody judged. */
  right: boolean[];
  /** The run whose model wrote it; null: the base. */
  runId: string | null;
}

export function putExample(example: SavedExample): Promise<void> {
  return withDatabase('saving an example', async (db) => {
    await db.put('examples', example, example.id);
  });
}

/** Oldest first. */
export async function listExamples(): Promise<SavedExample[]> {
  const examples = await withDatabase('listing examples', (db) => db.getAll('examples'));
  return examples.sort((a, b) => a.savedAt.localeCompare(b.savedAt));
}

export function deleteExample(id: string): Promise<void> {
  return withDatabase('deleting an example', (db) => db.delete('examples', id));
}
