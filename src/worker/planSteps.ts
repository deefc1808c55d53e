// How many steps fit into so many minutes on this machine: a few steps and an evaluation are tried on a throw-away run, then the
// count is fixed, so that a seed and a count repeat exactly whatever the clock does later.

import type { LanguageModel } from '../models/model';
import type { RunConfig } from '../protocol/events';
import { RunSession } from './runSession';

/** Part of the time that is planned; the rest is for a machine that is busier later. */
const PLANNED = 0.87;
const TRIAL_STEPS = 5;
const TRIAL_PROBLEMS = 100;

export interface StepPlan {
  steps: number;
  secondsPerStep: number;
  /** one evaluation of `evaluationProblems`, greedy and sampled */
  secondsPerEvaluation: number;
}

/**
 * @param config of the run to be planned; its totalSteps is ignored
 * @param seconds to be filled, the closing test included
 * @param testProblems measured at the end, twice (base and trained)
 */
export async function planSteps(
  config: RunConfig,
  model: LanguageModel,
  seconds: number,
  testProblems: number,
): Promise<StepPlan> {
  const measures = { evaluateEvery: 1000, evaluationProblems: TRIAL_PROBLEMS, earlyStop: null };
  const trial = { ...config, totalSteps: TRIAL_STEPS, ...measures };
  const began = performance.now();
  const session = await RunSession.create({
    config: trial,
    model,
    logProbTolerance: Number.POSITIVE_INFINITY,
    testProblems: 0,
  });
  let mark = performance.now();
  const lap = () => {
    const now = performance.now();
    const spent = (now - mark) / 1000;
    mark = now;
    return spent;
  };
  const steps: number[] = [];
  const evaluations: number[] = [];
  try {
    for await (const item of session.events()) {
      if (!('event' in item)) continue;
      if (item.event.type === 'run.stepped') steps.push(lap());
      else if (item.event.type === 'run.evaluated') evaluations.push(lap());
    }
  } finally {
    session.dispose();
  }
  // The first of each still compiles and allocates.
  const counted = steps.slice(1);
  const secondsPerStep = counted.reduce((sum, spent) => sum + spent, 0) / counted.length;
  const perProblem = Math.min(...evaluations) / TRIAL_PROBLEMS;
  const secondsPerEvaluation = perProblem * config.evaluationProblems;
  const closing = 2 * perProblem * testProblems + secondsPerEvaluation;
  const left = seconds * PLANNED - (performance.now() - began) / 1000 - closing;
  const count = Math.floor(left / (secondsPerStep + secondsPerEvaluation / config.evaluateEvery));
  return { steps: Math.max(1, count), secondsPerStep, secondsPerEvaluation };
}
