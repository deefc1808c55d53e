// How long a run will take and how much memory it will hold, from formulas (the worker's plan) and from what this machine measured in
// earlier runs. Where nothing was measured, nothing is claimed.
import type { BackendName, RunPlan, RunRate } from '../protocol/events';
import type { RunForm } from '../protocol/runForm';
import type { StoredRunSummary } from './library';

export interface TimeEstimate {
  /** At most, when the run may stop early. */
  seconds: number;
  /** Of a run that is given minutes: about as many. */
  steps: number;
  /** The run whose speed this is. */
  from: StoredRunSummary;
}

/** Part of the minutes that is planned for, as in worker/planSteps.ts. */
const PLANNED = 0.87;

/** The newest run of the same recipe, task, model and backend that measured its speed. */
function measuredRun(
  form: RunForm,
  runs: readonly StoredRunSummary[],
  model: string,
  backend: BackendName,
): StoredRunSummary | null {
  return (
    runs.find(
      ({ config, rate }) =>
        config.recipe === form.recipe &&
        config.model === model &&
        (config.task ?? 'dial') === (form.task ?? 'dial') &&
        rate?.backend === backend,
    ) ?? null
  );
}

/** How much larger a step is than one of the measured run; null where the recipe does not say and the settings are not the same. */
function sizeRatio(plan: RunPlan, { config }: StoredRunSummary, rate: RunRate): number | null {
  if (plan.positions !== null && rate.plannedPositions !== null) return plan.positions / rate.plannedPositions;
  const isSame =
    plan.level === config.level &&
    (plan.task ?? 'dial') === (config.task ?? 'dial') &&
    Object.entries(plan.settings).every(([name, value]) => config.settings[name] === value);
  return isSame ? 1 : null;
}

/** Evaluations on validation problems: of the base, every so many steps, and after the last. */
function evaluationsOf(steps: number, every: number): number {
  return 1 + Math.ceil(steps / every);
}

export function estimateTime(
  form: RunForm,
  plan: RunPlan,
  runs: readonly StoredRunSummary[],
  model: string,
  backend: BackendName,
): TimeEstimate | null {
  const from = measuredRun(form, runs, model, backend);
  const rate = from?.rate;
  const ratio = rate ? sizeRatio(plan, from, rate) : null;
  if (!rate || ratio === null) return null;
  const perStep = rate.secondsPerStep * ratio;
  // An answer has one token more per hop; both attempts grow alike.
  const perProblem =
    (rate.secondsPerProblem ?? 0) * ((form.task ?? 'dial') === 'dial' ? form.level / from.config.level : 1);
  const { every, problems, testProblems } = form.evaluation;
  const closing = 2 * testProblems * perProblem;
  if (form.steps !== null) {
    const measuring = evaluationsOf(form.steps, every) * problems * perProblem;
    return { seconds: form.steps * perStep + measuring + closing, steps: form.steps, from };
  }
  const seconds = (form.minutes ?? 0) * 60;
  const left = seconds * PLANNED - closing - problems * perProblem;
  return { seconds, steps: Math.max(1, Math.floor(left / (perStep + (problems * perProblem) / every))), from };
}

export interface MemoryEstimate {
  /** Sum of what is known, bytes. */
  total: number;
  /** False where the recipe does not say how large its batches are. */
  isWhole: boolean;
  /** What an earlier run of the recipe really held at most, and its own formula's word is not needed for that. */
  measured: { bytes: number; from: StoredRunSummary } | null;
}

export function estimateMemory(
  form: RunForm,
  plan: RunPlan,
  runs: readonly StoredRunSummary[],
  model: string,
  backend: BackendName,
): MemoryEstimate {
  const from = measuredRun(form, runs, model, backend);
  const bytes = from?.rate?.memoryBytes ?? null;
  return {
    total: plan.weightBytes + plan.trainedBytes + (plan.batchBytes ?? 0) + (plan.cacheBytes ?? 0),
    isWhole: plan.batchBytes !== null,
    measured: from && bytes !== null ? { bytes, from } : null,
  };
}
