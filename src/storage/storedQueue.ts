// Runs that wait their turn. One tab works through them: the one that holds the lock.
import { type QueueItem, withDatabase } from './database';

export async function readQueue(): Promise<QueueItem[]> {
  return (await withDatabase('reading the queue', (db) => db.get('queue', 'queue'))) ?? [];
}

export function putQueue(items: QueueItem[]): Promise<void> {
  return withDatabase('saving the queue', async (db) => {
    await db.put('queue', items, 'queue');
  });
}

/** Calls back when this tab is the one that works through the queue; at once where there are no locks. */
export function leadQueue(onLead: () => void): void {
  const locks = globalThis.navigator?.locks;
  if (!locks) {
    onLead();
    return;
  }
  void locks.request('second-thought-queue', () => {
    onLead();
    // Held until the tab is closed.
    return new Promise<void>(() => {});
  });
}
