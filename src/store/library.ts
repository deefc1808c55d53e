// What the stores need of stored runs. Filled from `src/storage` (see `storedLibrary.ts`) or by a test.
import type { Evaluation, RunConfig, RunRate, RunStatus } from '../protocol/events';
import type { StopReason } from '../protocol/stopping';
import type { TraceChunk } from '../protocol/trace';
import type { TraceRecord } from '../protocol/traceBudget';
import type { RunLabel } from './notes';
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
  /** Some worker, of this tab or of another, holds it. */
  held?: boolean;
  /** It was being practised when its tab or worker ended. `status` then says `paused`. */
  interrupted?: boolean;
  traces?: TraceRecord;
  result: RunResult | null;
  /** Absent in runs kept by an earlier version of the page. */
  stopReason?: StopReason | null;
  rate?: RunRate | null;
  /** Name, tags, group; filled in by the store. */
  label?: RunLabel | null;
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
  /** In the order of steps, both slices. */
  readEvaluations(runId: string): Promise<Evaluation[]>;
  /** All kinds stored for that step; empty when none was kept. */
  readTraces(runId: string, step: number): Promise<TraceChunk[]>;
}

/** For browsers that keep nothing. */
export const emptyLibrary: Library = {
  listRuns: async () => [],
  readRun: async () => null,
  readEvaluations: async () => [],
  readTraces: async () => [],
};
