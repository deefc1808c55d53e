// All that a run needs to go on where it stopped, as plain data: made by the session, kept by storage.
// Batches, random numbers and schedules are functions of (seed, step, settings), so the step stands for all of them.
import type { Evaluation } from './events';
import type { StopWatch } from './stopping';

export interface CheckpointTensor {
  name: string;
  shape: number[];
  data: Float32Array;
}

/** `best`: highest greedy accuracy of the second attempt on the validation slice so far. */
export type CheckpointSlot = 'last' | 'best';

export interface Checkpoint {
  /** of this layout; a stored one with another number is refused */
  version: 1;
  /** steps done */
  step: number;
  /** updates done by the optimizer (its bias correction counts them) */
  optimizerStep: number;
  /** adapter and both moments of the optimizer, each under a name of its own */
  tensors: CheckpointTensor[];
  /** tokens sampled and trained so far */
  tokens: number;
  /** seconds of computing so far, pauses excluded */
  seconds: number;
  /** what the base did before the first step: the run's own reference */
  before: Evaluation | null;
  /** the latest evaluation on the validation slice: tells which checkpoint is the best */
  latest: Evaluation | null;
  /** what early stopping remembers; absent in checkpoints made before there was any */
  stopWatch?: StopWatch | null;
}
