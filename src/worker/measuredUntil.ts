// What is stored of a run's measurements up to a step, for the model card of an export.
import type { Evaluation, RunEvent, RunRate } from '../protocol/events';
import type { StoredMetrics } from '../storage/database';
import { readRun } from '../storage/storedRuns';
import { readEvaluations, readMetrics } from '../storage/storedSeries';

export interface Measured {
  /** of the base, on the validation problems */
  base: Evaluation | null;
  /** the latest on the validation problems, not after the exported step */
  trained: Evaluation | null;
  /** on the test problems; only where the exported step is the one they were put to */
  test: Pick<Extract<RunEvent, { type: 'run.finished' }>, 'before' | 'after' | 'comparison'> | null;
  /** rows and evaluations (validation) up to the exported step */
  rows: StoredMetrics[];
  evaluations: Evaluation[];
  /** how fast it went, and on which backend */
  rate: RunRate | null;
}

/** Nothing where the browser keeps nothing: an export does not need it. */
export async function measuredUntil(runId: string, step: number): Promise<Measured> {
  try {
    const [run, all, rows] = await Promise.all([readRun(runId), readEvaluations(runId), readMetrics(runId)]);
    const validation = all.filter((evaluation) => evaluation.slice === 'validation' && evaluation.step <= step);
    const finished = run?.finished?.step === step ? run.finished : null;
    return {
      base: validation.find((evaluation) => evaluation.step === 0) ?? null,
      trained: validation.findLast((evaluation) => evaluation.step > 0) ?? null,
      test: finished && { before: finished.before, after: finished.after, comparison: finished.comparison },
      rows: rows.filter((row) => row.step <= step),
      evaluations: validation,
      rate: run?.rate ?? null,
    };
  } catch {
    return { base: null, trained: null, test: null, rows: [], evaluations: [], rate: null };
  }
}
