// The browser's database of runs: one store per kind of row, so that a chart never has to read traces.
// Works in the worker (writes) and in the page (reads). Law of the room: every refusal is a StudioError('storage').
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Checkpoint, CheckpointSlot } from '../protocol/checkpoint';
import type { DatasetInfo } from '../protocol/datasets';
import { StudioError } from '../protocol/errors';
import type { Evaluation, MetricRow, RunConfig, RunEvent, RunRate, RunStatus } from '../protocol/events';
import type { RunForm, RunRequest } from '../protocol/runForm';
import type { StopReason } from '../protocol/stopping';
import type { TraceChunk } from '../protocol/trace';
import type { TraceRecord } from '../protocol/traceBudget';
import type { TraceIndex } from '../protocol/traceIndex';
import type { SavedExample } from './storedExamples';

export interface StoredRun {
  config: RunConfig;
  status: RunStatus;
  /** steps done */
  step: number;
  /** of the last checkpoint, null before the first */
  checkpointStep: number | null;
  /** of the best checkpoint; left out in rows of earlier versions, and before the first */
  bestStep?: number;
  /** ISO 8601 */
  updatedAt: string;
  /** what `run.finished` said, once it did */
  finished: Extract<RunEvent, { type: 'run.finished' }> | null;
  /** why practice ended before its last step, when a rule ended it */
  stopReason?: StopReason | null;
  /** how fast it went, at its latest pause or end */
  rate?: RunRate | null;
  /** room of the samples, at the latest pause, end or thinning */
  traces?: TraceRecord;
}

export interface StoredMetrics {
  runId: string;
  step: number;
  stage: string;
  metrics: MetricRow;
  secondsElapsed: number;
  tokens: number;
}

/** What a person wrote on a run. Apart from the run, whose configuration never changes. */
export interface RunLabel {
  runId: string;
  /** '' = none given */
  name: string;
  tags: string[];
  /** Runs that were started together, e.g. with several seeds; null = alone. */
  group: string | null;
  /** ISO 8601. Put away: it is removed for good when the time to undo is over. */
  deletedAt: string | null;
}

/** A run that waits its turn. */
export interface QueueItem {
  id: string;
  request: RunRequest;
  name: string;
  group: string | null;
  status: 'waiting' | 'running' | 'failed';
  /** Why it failed. */
  error: string | null;
}

/** A form under a name, or (name '') what is being filled in. */
export interface StoredForm {
  name: string;
  form: RunForm;
}

export interface StudioDatabase extends DBSchema {
  runs: { key: string; value: StoredRun };
  metrics: { key: [string, number]; value: StoredMetrics };
  evaluations: { key: [string, number, string]; value: { runId: string; evaluation: Evaluation } };
  traces: { key: [string, number, string]; value: { runId: string; chunk: TraceChunk } };
  /** Under the same keys as `traces`; a chunk stored by an older page has none until somebody looks at it. */
  traceIndexes: { key: [string, number, string]; value: { runId: string; index: TraceIndex } };
  labels: { key: string; value: RunLabel };
  /** One row: the whole queue in its order, so that it is never half moved. */
  queue: { key: 'queue'; value: QueueItem[] };
  forms: { key: string; value: StoredForm };
  checkpoints: {
    key: [string, CheckpointSlot];
    value: { runId: string; slot: CheckpointSlot; checkpoint: Checkpoint };
  };
  examples: { key: string; value: SavedExample };
  datasets: { key: string; value: DatasetInfo };
  /** JSONL, under the same keys as `datasets`. */
  datasetRows: { key: string; value: string };
}

const NAME = 'second-thought';
const VERSION = 5;
/** Rows that belong to one step, keyed [run, step, …]: what a run that goes back to a checkpoint writes again. */
export const STEP_STORES = ['metrics', 'evaluations', 'traces', 'traceIndexes'] as const;
/** Every store. Rows of a run are keyed [run, …] or by the run's id alone. */
export const STORES = ['runs', 'labels', 'checkpoints', ...STEP_STORES] as const;
/** Stores that belong to no run. */
export const PAGE_STORES = ['queue', 'forms', 'examples', 'datasets', 'datasetRows'] as const;

let opening: Promise<IDBPDatabase<StudioDatabase>> | null = null;

/** Says in one sentence what storage refused and what to do. */
export function storageError(doing: string, cause: unknown): StudioError {
  if (cause instanceof StudioError) return cause;
  const name = cause instanceof Error ? cause.name : '';
  const words = cause instanceof Error && cause.message ? cause.message : String(cause);
  if (name === 'QuotaExceededError') {
    return new StudioError(
      'storage',
      `storage, ${doing}: expected room in this browser's storage, it is full. Delete stored runs or free disk space.`,
    );
  }
  return new StudioError(
    'storage',
    `storage, ${doing}: expected this browser to keep data for the page, it refused (${name || 'Error'}: ${words}). ` +
      'Allow site data for this page, or leave private browsing.',
  );
}

/** The open database; opened once and again after the browser closed it. */
export async function database(): Promise<IDBPDatabase<StudioDatabase>> {
  opening ??= openDB<StudioDatabase>(NAME, VERSION, {
    upgrade(db) {
      for (const store of [...STORES, ...PAGE_STORES]) {
        if (!db.objectStoreNames.contains(store)) db.createObjectStore(store);
      }
    },
    // A newer page in another tab wants to change the layout: let go, the next call opens anew.
    blocking: (_current, _blocked, event) => {
      if (event.target instanceof IDBDatabase) event.target.close();
      opening = null;
    },
    terminated: () => {
      opening = null;
    },
  });
  try {
    return await opening;
  } catch (error) {
    opening = null;
    throw storageError('opening', error);
  }
}

/** Runs `use` on the open database; every failure becomes a StudioError that says what was being done. */
export async function withDatabase<T>(
  doing: string,
  use: (db: IDBPDatabase<StudioDatabase>) => Promise<T>,
): Promise<T> {
  try {
    return await use(await database());
  } catch (error) {
    throw storageError(doing, error);
  }
}

/** Keys that begin with a run's id: from [id] to [id, []] (an array sorts after every number and string). */
export function keysOfRun(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, []]);
}

/** Asks the browser not to evict this page's data when the disk gets full. Best effort. */
export async function keepStorage(): Promise<boolean> {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

/** What the browser grants this page; null where it does not say. */
export async function grantedBytes(): Promise<number | null> {
  try {
    return (await navigator.storage?.estimate?.())?.quota ?? null;
  } catch {
    return null;
  }
}
