// What the stores keep beside runs: labels, the queue, forms. Filled from `src/storage` (see `storedNotes.ts`) or, for tests and
// browsers that keep nothing, held for this visit.
import type { QueueItem, RunLabel, StoredForm } from '../storage/database';

export type { QueueItem, RunLabel, StoredForm };

export interface Notes {
  listLabels(): Promise<RunLabel[]>;
  putLabel(label: RunLabel): Promise<void>;
  readQueue(): Promise<QueueItem[]>;
  putQueue(items: QueueItem[]): Promise<void>;
  /** Calls back when this tab is the one that works through the queue. */
  leadQueue(onLead: () => void): void;
  /** Whether the queue was going when this tab was last loaded: a reload goes on, a new visit asks first. */
  wasGoing(): boolean;
  setGoing(isGoing: boolean): void;
  listForms(): Promise<StoredForm[]>;
  putForm(stored: StoredForm): Promise<void>;
  deleteForm(name: string): Promise<void>;
}

export function memoryNotes(): Notes {
  const labels = new Map<string, RunLabel>();
  const forms = new Map<string, StoredForm>();
  let queue: QueueItem[] = [];
  let going = false;
  return {
    listLabels: async () => [...labels.values()],
    putLabel: async (label) => void labels.set(label.runId, label),
    readQueue: async () => queue,
    putQueue: async (items) => {
      queue = items;
    },
    leadQueue: (onLead) => onLead(),
    wasGoing: () => going,
    setGoing: (isGoing) => {
      going = isGoing;
    },
    listForms: async () => [...forms.values()],
    putForm: async (stored) => void forms.set(stored.name, stored),
    deleteForm: async (name) => void forms.delete(name),
  };
}
