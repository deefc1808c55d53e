// The library over the browser's storage. A browser that keeps nothing gives an empty one, and says so once.
import type { WireError } from '../protocol/errors';
import { StudioError } from '../protocol/errors';
import type { TraceChunk } from '../protocol/trace';
import type { StoredMetrics } from '../storage/database';
import { type KnownRun, listRuns, readKnownRun } from '../storage/storedRuns';
import { readEvaluations, readMetrics } from '../storage/storedSeries';
import { readTraces } from '../storage/storedTraces';
import type { Library, StoredRunSummary } from './library';

const KINDS: readonly TraceChunk['kind'][] = ['train', 'eval_greedy', 'eval_sampled'];

function summaryOf(stored: KnownRun): StoredRunSummary {
  const { config, status, step, checkpointStep, bestStep, finished, stopReason, rate, traces } = stored;
  const { held, interrupted } = stored;
  const summary = { config, status, step, checkpointStep, bestStep, stopReason, rate, traces, held, interrupted };
  if (!finished) return { ...summary, result: null };
  const { before, after, comparison, seconds, tokens } = finished;
  return { ...summary, result: { before, after, comparison, seconds, tokens } };
}

/** Where each stage began, read off the rows. */
function stagesOf(rows: readonly StoredMetrics[]): { step: number; stage: string }[] {
  const stages: { step: number; stage: string }[] = [];
  for (const { step, stage } of rows) {
    // A step is counted when it is done: the stage began one earlier.
    if (stages.at(-1)?.stage !== stage) stages.push({ step: step - 1, stage });
  }
  return stages;
}

/** @param onRefused hears the first refusal of storage; reading then gives nothing. */
export function storedLibrary(onRefused: (error: WireError) => void): Library {
  let hasComplained = false;
  async function orNothing<T>(read: () => Promise<T>, nothing: T): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StudioError)) throw error;
      if (!hasComplained) onRefused({ kind: error.kind, message: error.message });
      hasComplained = true;
      return nothing;
    }
  }
  return {
    listRuns: () => orNothing(async () => (await listRuns()).map(summaryOf), []),
    readRun: (runId) =>
      orNothing(async () => {
        const [stored, metrics, evaluations] = await Promise.all([
          readKnownRun(runId),
          readMetrics(runId),
          readEvaluations(runId),
        ]);
        if (!stored) return null;
        const rows = metrics.map(({ step, secondsElapsed: seconds, tokens, metrics }) => ({
          step,
          seconds,
          tokens,
          metrics,
        }));
        return { ...summaryOf(stored), stages: stagesOf(metrics), evaluations, rows };
      }, null),
    readEvaluations: (runId) => orNothing(() => readEvaluations(runId), []),
    async readTraces(runId, step) {
      const chunks = await Promise.all(KINDS.map((kind) => readTraces(runId, step, kind)));
      return chunks.filter((chunk) => chunk !== null);
    },
  };
}
