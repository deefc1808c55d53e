// What the page knows of the queue.
import type { QueueItem } from './notes';

export interface QueueState {
  /** In the order they will run. */
  items: readonly QueueItem[];
  /** Nothing begins until a person says so. */
  isHeld: boolean;
  /** Another tab works through it. */
  isElsewhere: boolean;
}

export const queueAtStart: QueueState = { items: [], isHeld: false, isElsewhere: false };
