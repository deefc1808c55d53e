// What the tabs of this page say to each other: who is at work on a run, and what happens to it.

/** Held by the worker that practises this run. */
export function runLock(runId: string): string {
  return `second-thought-run-${runId}`;
}

/** Every worker tells the events of its runs here; tabs that watch listen. */
export const runsChannel = 'second-thought-runs';

/** Held while runs are imported: their rows come before the run itself. */
export const importLock = 'second-thought-import';
