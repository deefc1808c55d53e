// The log of a run as Hugging Face's Trainer writes it (trainer_state.json, `log_history`), for tools that draw such files.
// Metric names are TRL's where TRL has one; evaluations are `eval/…` (greedy) and `eval_sampled/…` (T = 1).
import type { Evaluation, RunConfig } from '../protocol/events';
import type { EvalSummary } from '../protocol/metrics';
import type { StoredMetrics } from '../storage/database';

type LogRow = Record<string, number | null>;

function evaluationRow(prefix: string, summary: EvalSummary): LogRow {
  return {
    [`${prefix}/accuracy_t1`]: summary.accuracyT1,
    [`${prefix}/accuracy_t2`]: summary.accuracyT2,
    [`${prefix}/delta`]: summary.delta,
    [`${prefix}/i_to_c`]: summary.iToC,
    [`${prefix}/c_to_i`]: summary.cToI,
    [`${prefix}/unchanged_rate`]: summary.unchangedRate,
    [`${prefix}/edit_distance`]: summary.editDistanceRatio,
    [`${prefix}/n`]: summary.n,
  };
}

export interface TrainerState {
  best_global_step: number | null;
  /** Acc@t2, greedy, on the validation problems */
  best_metric: number | null;
  global_step: number;
  max_steps: number;
  num_input_tokens_seen: number;
  log_history: LogRow[];
}

/** @param rows and `evaluations` (validation) in order of step, none after `step` */
export function trainerState(
  config: RunConfig,
  step: number,
  rows: readonly StoredMetrics[],
  evaluations: readonly Evaluation[],
): TrainerState {
  const logs = [
    ...rows.map(({ step: at, metrics, secondsElapsed }) => ({ step: at, seconds: secondsElapsed, ...metrics })),
    ...evaluations.map(({ step: at, greedy, sampled }) => ({
      step: at,
      ...evaluationRow('eval', greedy),
      ...evaluationRow('eval_sampled', sampled),
    })),
  ];
  const best = evaluations.reduce<Evaluation | null>(
    (found, candidate) => (found && found.greedy.accuracyT2 >= candidate.greedy.accuracyT2 ? found : candidate),
    null,
  );
  return {
    best_global_step: best?.step ?? null,
    best_metric: best?.greedy.accuracyT2 ?? null,
    global_step: step,
    max_steps: config.totalSteps,
    num_input_tokens_seen: rows.at(-1)?.tokens ?? 0,
    // A step's own row stands before its evaluation: the sort is stable.
    log_history: logs.sort((a, b) => a.step - b.step),
  };
}
