// Which stored runs may go on: never one that another tab holds, always one that was cut off.
import { expect, test } from 'vitest';
import { runConfig } from '../app/testing/recordedLesson';
import type { StoredRunSummary } from './library';
import { canGoOn, isElsewhere } from './resumable';

const stored = (part: Partial<StoredRunSummary>): StoredRunSummary => ({
  config: runConfig,
  status: 'paused',
  step: 10,
  checkpointStep: 10,
  result: null,
  ...part,
});

test('a run that another tab holds is watched, one of this tab is not elsewhere', () => {
  expect(isElsewhere(stored({ held: true }), null)).toBe(true);
  expect(isElsewhere(stored({ held: true }), runConfig.id)).toBe(false);
  expect(canGoOn(stored({ held: true }), null)).toBe(false);
});

test('a run that was cut off goes on, before its first checkpoint and after its last step too', () => {
  expect(canGoOn(stored({ interrupted: true, checkpointStep: null, step: 0 }), null)).toBe(true);
  expect(canGoOn(stored({ step: runConfig.totalSteps }), null)).toBe(true);
});

test('what was stopped goes on from a checkpoint; what ended stays ended', () => {
  expect(canGoOn(stored({ status: 'stopped' }), null)).toBe(true);
  expect(canGoOn(stored({ status: 'failed', checkpointStep: null }), null)).toBe(false);
  expect(canGoOn(stored({ status: 'finished' }), null)).toBe(false);
  const stopReason = { kind: 'ceiling', metric: 'kl', limit: 1, value: 2 } as const;
  expect(canGoOn(stored({ status: 'stopped', stopReason }), null)).toBe(false);
});
