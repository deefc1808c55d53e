// Notes in the browser's storage. What is refused there holds for this visit, and the first refusal is told.
import { StudioError, toWireError, type WireError } from '../protocol/errors';
import { deleteForm, listForms, putForm } from '../storage/storedForms';
import { listLabels, putLabel } from '../storage/storedLabels';
import { leadQueue, putQueue, readQueue } from '../storage/storedQueue';
import { memoryNotes, type Notes } from './notes';

const GOING = 'second-thought.queue';

/** @param session outlives a reload of the tab, not the tab; null where it is blocked */
export function storedNotes(session: Storage | null, onRefused: (error: WireError) => void): Notes {
  const fallback = memoryNotes();
  let hasComplained = false;
  async function either<T>(stored: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
    try {
      return await stored();
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      if (!hasComplained) onRefused(toWireError(error));
      hasComplained = true;
      return otherwise();
    }
  }
  return {
    listLabels: () => either(listLabels, fallback.listLabels),
    putLabel: (label) =>
      either(
        () => putLabel(label),
        () => fallback.putLabel(label),
      ),
    readQueue: () => either(readQueue, fallback.readQueue),
    putQueue: (items) =>
      either(
        () => putQueue(items),
        () => fallback.putQueue(items),
      ),
    leadQueue,
    wasGoing() {
      try {
        return session?.getItem(GOING) === 'going';
      } catch {
        return false;
      }
    },
    setGoing(isGoing) {
      try {
        if (isGoing) session?.setItem(GOING, 'going');
        else session?.removeItem(GOING);
      } catch {
        // Blocked or full: after a reload the queue asks before it goes on.
      }
    },
    listForms: () => either(listForms, fallback.listForms),
    putForm: (stored) =>
      either(
        () => putForm(stored),
        () => fallback.putForm(stored),
      ),
    deleteForm: (name) =>
      either(
        () => deleteForm(name),
        () => fallback.deleteForm(name),
      ),
  };
}
