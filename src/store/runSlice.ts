// The run on screen: what the worker said about it, without its per-step metrics (those are in `RunSeries`).
import type { WireError } from '../protocol/errors';
import type { Evaluation, RunConfig, RunEvent, RunStatus, StudioEvent } from '../protocol/events';
import type { PairedComparison } from '../protocol/metrics';
import type { StopReason } from '../protocol/stopping';
import type { Trace } from '../protocol/trace';
import type { TraceRecord } from '../protocol/traceBudget';

export interface RunResult {
  before: Evaluation;
  after: Evaluation;
  comparison: PairedComparison;
  seconds: number;
  tokens: number;
}

export interface RunView {
  config: RunConfig;
  /** `requested` is not here: see `RunState.wish`. A stored run that was running when the tab closed is `paused`. */
  status: RunStatus;
  step: number;
  /** Where each stage began, in order. */
  stages: { step: number; stage: string }[];
  /** Validation slice, in order of step. */
  evaluations: Evaluation[];
  secondsElapsed: number;
  secondsLeft: number | null;
  tokens: number;
  sample: Trace | null;
  checkpointStep: number | null;
  /** Of the checkpoint with the most right second attempts (validation, greedy). */
  bestStep: number | null;
  result: RunResult | null;
  /** The rule that ended practice before its last step. */
  stopReason: StopReason | null;
  error: WireError | null;
  /** Room of the samples, as last heard; null = not said. */
  traces: TraceRecord | null;
  /** Another tab is at work on it; this one watches. */
  elsewhere: boolean;
  /** Its tab or its worker ended in the middle of practice, and nobody has gone on since. */
  interrupted: boolean;
  /** This tab went on with it after the tab that was at work had ended; the step it went on from. */
  tookOverAt: number | null;
  /** Seconds that were slept through in this sitting, not counted as practice. */
  sleptSeconds: number;
  /** True while this tab's worker holds this run; false when it was only read from storage. */
  live: boolean;
}

export type RunWish = 'start' | 'pause' | 'step' | 'resume' | 'stop' | 'restore';

export interface RunState {
  run: RunView | null;
  /** What was asked of the worker and not answered yet. */
  wish: RunWish | null;
  /** A run that never started. */
  startError: WireError | null;
  /** The run that this tab's worker holds, on screen or not. */
  mine: string | null;
}

export const runAtStart: RunState = { run: null, wish: null, startError: null, mine: null };

export function newRunView(config: RunConfig): RunView {
  return {
    config,
    status: 'running',
    step: 0,
    stages: [],
    evaluations: [],
    secondsElapsed: 0,
    secondsLeft: null,
    tokens: 0,
    sample: null,
    checkpointStep: null,
    bestStep: null,
    result: null,
    stopReason: null,
    error: null,
    traces: null,
    elsewhere: false,
    interrupted: false,
    tookOverAt: null,
    sleptSeconds: 0,
    live: true,
  };
}

function enterStage(run: RunView, step: number, stage: string): RunView['stages'] {
  const stages = run.stages.filter((entry) => entry.step <= step && !(entry.step === step && entry.stage !== stage));
  return stages.at(-1)?.stage === stage ? stages : [...stages, { step, stage }];
}

function addEvaluation(evaluations: Evaluation[], evaluation: Evaluation): Evaluation[] {
  return [...evaluations.filter((other) => other.step < evaluation.step), evaluation];
}

function startOrContinue(before: RunView | null, event: Extract<RunEvent, { type: 'run.started' }>): RunView {
  if (before?.config.id !== event.run.id) return { ...newRunView(event.run), step: event.resumedAt };
  const at = event.resumedAt;
  return {
    ...before,
    config: event.run,
    status: 'running',
    step: at,
    stages: before.stages.filter((entry) => entry.step <= at),
    evaluations: before.evaluations.filter((entry) => entry.step <= at),
    checkpointStep: before.checkpointStep === null ? null : Math.min(before.checkpointStep, at),
    result: null,
    stopReason: null,
    error: null,
    elsewhere: false,
    interrupted: false,
    live: true,
  };
}

function reduceView(run: RunView, event: Exclude<RunEvent, { type: 'run.started' }>): RunView {
  switch (event.type) {
    case 'run.stageEntered':
      return { ...run, stages: enterStage(run, event.step, event.stage) };
    case 'run.stepped':
      return {
        ...run,
        step: event.step,
        stages: run.stages.at(-1)?.stage === event.stage ? run.stages : enterStage(run, event.step, event.stage),
        secondsElapsed: event.secondsElapsed,
        secondsLeft: event.secondsLeft,
        tokens: event.tokens,
        sample: event.sample ?? run.sample,
      };
    case 'run.evaluated':
      // The test slice is used once, before and after; it arrives whole with run.finished.
      if (event.evaluation.slice === 'test') return run;
      return { ...run, evaluations: addEvaluation(run.evaluations, event.evaluation) };
    case 'run.checkpointed':
      return { ...run, checkpointStep: event.step, bestStep: event.isBest ? event.step : run.bestStep };
    case 'run.earlyStopped':
      return { ...run, step: event.step, secondsLeft: null, stopReason: event.reason };
    case 'run.thinned':
      return { ...run, traces: event.traces };
    case 'run.slept':
      return { ...run, sleptSeconds: run.sleptSeconds + event.seconds };
    case 'run.paused':
      return { ...run, status: 'paused', step: event.step, error: event.error };
    case 'run.resumed':
      return { ...run, status: 'running', error: null };
    case 'run.stopped':
      // The worker keeps nothing open after a stop: going on means restoring.
      return { ...run, status: 'stopped', step: event.step, live: false };
    case 'run.finished': {
      const { type: _, runId: __, step, ...result } = event;
      return { ...run, status: 'finished', step, secondsLeft: 0, result };
    }
    case 'run.deleted':
      return { ...run, live: false };
    case 'run.failed':
      return { ...run, status: 'failed', error: event.error, live: false };
  }
}

export function isRunEvent(event: StudioEvent): event is RunEvent {
  return event.type.startsWith('run.');
}

/** Which answer ends which wish. `step` is over when the step is done and the run pauses again. */
const answers: Record<RunWish, readonly RunEvent['type'][]> = {
  start: ['run.started'],
  pause: ['run.paused'],
  step: ['run.paused'],
  resume: ['run.resumed', 'run.stepped'],
  stop: ['run.stopped'],
  restore: ['run.resumed', 'run.stepped'],
};
const always: readonly RunEvent['type'][] = ['run.finished', 'run.failed', 'run.stopped'];

export function reduceRun(state: RunState, event: StudioEvent): RunState {
  if (event.type === 'worker.failed') {
    const interrupted = state.run?.live && (state.run.status === 'running' || state.run.status === 'paused');
    const run = state.run && { ...state.run, live: false, status: interrupted ? 'paused' : state.run.status };
    return { ...state, run, wish: null, mine: null };
  }
  if (!isRunEvent(event)) return state;
  const answered = state.wish && (answers[state.wish].includes(event.type) || always.includes(event.type));
  const wish = answered ? null : state.wish;
  if (event.type === 'run.started') {
    return { run: startOrContinue(state.run, event), wish, startError: null, mine: event.run.id };
  }
  const isLeft = event.type === 'run.deleted' || always.includes(event.type);
  const mine = isLeft && state.mine === event.runId ? null : state.mine;
  if (state.run?.config.id !== event.runId) {
    // The worker holds one run: what was asked of it is over when that run ends, on screen or not.
    const isOver = isLeft && state.mine === event.runId && state.wish !== 'start' && state.wish !== 'restore';
    return event.type === 'run.failed'
      ? { ...state, mine, wish, startError: event.error }
      : { ...state, mine, wish: isOver ? null : state.wish };
  }
  return { ...state, mine, wish, run: reduceView(state.run, event) };
}

/** What another tab's worker says about the run that is watched here. */
export function reduceFollowed(state: RunState, event: RunEvent): RunState {
  const heard = reduceRun(state, event);
  return { ...state, run: heard.run && { ...heard.run, live: false, elsewhere: true } };
}
