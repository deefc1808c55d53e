// What can be done with a stored run, the same on every screen.
import type { StoredRunSummary } from './library';

/** A worker of another tab holds it: it can be watched, not changed. @param mine the run that this tab's worker holds */
export function isElsewhere({ held = false, config }: StoredRunSummary, mine: string | null): boolean {
  return held && config.id !== mine;
}

/**
 * A run that waits can always go on: without a checkpoint it begins again, and after its last step the test problems are still to come.
 * One that was stopped or has failed can where there is something to go on from. What ended by rule or plan stays ended.
 */
export function canGoOn(stored: StoredRunSummary, mine: string | null): boolean {
  const { status, step, checkpointStep, config } = stored;
  if (isElsewhere(stored, mine)) return false;
  if (status === 'paused') return true;
  const isBroken = status === 'stopped' || status === 'failed';
  return isBroken && !stored.stopReason && checkpointStep !== null && step < config.totalSteps;
}
