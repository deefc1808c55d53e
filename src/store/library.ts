// What the stores need of stored runs. Filled from `src/storage` (see `storedLibrary.ts`) or by a test.
import type { Evaluation, RunConfig, RunRate, RunStatus } from '../protocol/events';
import type { StopReason } from '../protocol/stopping';
import type { TraceChunk } from '../protocol/trace';
import type { SeriesRow } from './runSeries';
import type { RunResult } from './runSlice';

export interface StoredRunSummary {
  config: RunConfig;
  status: RunStatus;
  /** Last finished step. */
  step: number;
  checkpointStep: number | null;
  /** Left out = none kept. */
  bestStep?: number | null;
  result: RunResult | null;
  /** Absent in runs kept by an earlier version of the page. */
  stopReason?: StopReason | null;
  rate?: RunRate | null;
}

export interface StoredRunData extends StoredRunSummary {
  stages: { step: number; stage: string }[];
  evaluations: Evaluation[];
  rows: SeriesRow[];
}

export interface Library {
  /** Newest first. */
  listRuns(): Promise<StoredRunSummary[]>;
  readRun(runId: string): Promise<StoredRunData | null>;
  /** All kinds stored for that step; empty when none was kept. */
  readTraces(runId: string, step: number): Promise<TraceChunk[]>;
}

/** For browsers that keep nothing. */
export const emptyLibrary: Library = {
  listRuns: async () => [],
  readRun: async () => null,
  readTraces: async () => [],
};
