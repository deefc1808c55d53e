// What the base can do before any practice: both attempts on the validation problems that every run is measured on.
import { evaluateTwoAttempts, evaluationProblems } from '../evaluation/twoAttemptAccuracy';
import type { LanguageModel } from '../models/model';
import type { Evaluation } from '../protocol/events';
import { type ChosenTask, taskOf } from '../rewards/tasks';
import { KeyValueCache } from '../rollouts/keyValueCache';
import { EVALUATION_SEED } from './runSession';

/** The same figures as the evaluation of step 0 of a run with as many problems. `breathe` lets messages in. */
export async function evaluateBase(
  model: LanguageModel,
  chosen: ChosenTask,
  problems: number,
  breathe?: () => Promise<void>,
): Promise<Evaluation> {
  if (!Number.isInteger(problems) || problems < 1 || problems > 10_000) {
    throw new RangeError(`evaluation, problems: expected a whole number from 1 to 10000, got ${problems}. Correct it.`);
  }
  const task = taskOf(chosen);
  const cache = new KeyValueCache(model);
  try {
    const job = {
      task,
      problems: evaluationProblems(task, 'validation', problems),
      seed: EVALUATION_SEED,
      step: 0,
      breathe,
    };
    const decoder = { model, adapter: null, cache };
    const greedy = await evaluateTwoAttempts(decoder, { ...job, temperature: 0 });
    const sampled = await evaluateTwoAttempts(decoder, { ...job, temperature: 1 });
    return { step: 0, slice: 'validation', greedy: greedy.summary, sampled: sampled.summary };
  } finally {
    cache.dispose();
  }
}
