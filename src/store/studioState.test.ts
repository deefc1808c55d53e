// The reducers over recorded events: what the page knows after each of them, without a worker or a screen.
import { expect, test } from 'vitest';
import {
  engineStarted,
  evaluationAt,
  finishedEvent,
  modelLoaded,
  problem,
  rightAttempt,
  runConfig,
  runEvents,
  steppedEvent,
  wrongAttempt,
} from '../app/testing/recordedLesson';
import type { StudioEvent } from '../protocol/events';
import { type Ask, addAsk, askAtStart, beforeAndAfter, tally } from './askSlice';
import { newRunView } from './runSlice';
import { isModelReady, isRunActive, reduceStudio, studioAtStart } from './studioState';

const after = (...events: StudioEvent[]) => events.reduce(reduceStudio, studioAtStart);
const runId = runConfig.id;

function ask(requestId: number, part: Partial<Ask> = {}): Ask {
  return {
    requestId,
    numbers: problem,
    runId: null,
    purpose: 'try',
    isPaced: true,
    temperature: 0,
    status: 'finished',
    attempts: [rightAttempt, wrongAttempt],
    tokensPerSecond: 3000,
    error: null,
    ...part,
  };
}

test('the model can be asked once engine and model are there, not before', () => {
  expect(isModelReady(after(engineStarted))).toBe(false);
  expect(isModelReady(after(engineStarted, modelLoaded))).toBe(true);
});

test('a dead worker: nothing can be asked, a running run waits paused, questions under way failed', () => {
  const error = { kind: 'internal' as const, message: 'worker: gone' };
  const before = after(engineStarted, modelLoaded, ...runEvents(12));
  const asked = { ...before, ask: addAsk(before.ask, ask(1, { status: 'streaming' })) };
  const state = reduceStudio(asked, { type: 'worker.failed', error });
  expect(isModelReady(state)).toBe(false);
  expect(state.run.run).toMatchObject({ status: 'paused', live: false, step: 12, checkpointStep: 10 });
  expect(state.ask.asks[0]).toMatchObject({ status: 'failed', error });
  expect(state.workerFault).toEqual(error);
});

test('a run as it goes: stages, evaluations in order, live sample, active', () => {
  const state = after(...runEvents(36));
  expect(state.run.run?.stages).toEqual([
    { step: 0, stage: 'stage_1' },
    { step: 30, stage: 'stage_2' },
  ]);
  expect(state.run.run?.evaluations.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20, 25, 30, 35]);
  expect(state.run.run?.sample?.step).toBe(36);
  expect(isRunActive(state)).toBe(true);
});

test('a resume from a checkpoint forgets what came after it, and keeps what came before', () => {
  const started: StudioEvent = { type: 'run.started', run: runConfig, resumedAt: 20 };
  const state = after(...runEvents(37), { type: 'run.paused', runId, step: 37, error: null }, started);
  expect(state.run.run?.evaluations.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20]);
  expect(state.run.run?.stages).toEqual([{ step: 0, stage: 'stage_1' }]);
  expect(state.run.run).toMatchObject({ step: 20, status: 'running' });
});

test('an evaluation that comes again replaces the earlier one', () => {
  const again: StudioEvent = { type: 'run.evaluated', runId, evaluation: evaluationAt(10) };
  const state = after(...runEvents(10), again);
  expect(state.run.run?.evaluations.filter(({ step }) => step === 10)).toHaveLength(1);
});

test('finished: the result is kept whole and the run is no longer active', () => {
  const state = after(...runEvents(70), finishedEvent);
  expect(state.run.run?.status).toBe('finished');
  expect(state.run.run?.result?.comparison.gained).toBe(262);
  expect(state.run.run?.result).not.toHaveProperty('type');
  expect(isRunActive(state)).toBe(false);
});

test('events of another run are not mixed in', () => {
  const state = after(...runEvents(5), { ...steppedEvent(50), runId: 'other' } as StudioEvent);
  expect(state.run.run?.step).toBe(5);
});

test('a run that ends while another is on screen ends what was asked of it', () => {
  const practising = after(engineStarted, modelLoaded, ...runEvents(12)).run;
  const other = newRunView({ ...runConfig, id: 'run-2' });
  const stopping = { ...studioAtStart, run: { ...practising, run: other, wish: 'stop' as const } };
  const stopped = reduceStudio(stopping, { type: 'run.stopped', runId, step: 12 });
  expect(stopped.run).toMatchObject({ wish: null, mine: null, run: { config: { id: 'run-2' }, step: 0 } });
  // Another run's wish is its own.
  const restoring = { ...stopping, run: { ...stopping.run, wish: 'restore' as const } };
  expect(reduceStudio(restoring, { type: 'run.stopped', runId, step: 12 }).run.wish).toBe('restore');
});

test('a wish lasts until it is answered; a run that cannot start says why', () => {
  const wishing = { ...studioAtStart, run: { ...studioAtStart.run, wish: 'start' as const } };
  expect(reduceStudio(wishing, engineStarted).run.wish).toBe('start');
  expect(reduceStudio(wishing, runEvents(0)[0]).run.wish).toBeNull();
  const error = { kind: 'input' as const, message: 'settings.beta1: expected 0 to 1, got 7.' };
  const failed = reduceStudio(wishing, { type: 'run.failed', runId: '', error });
  expect(failed.run).toMatchObject({ run: null, wish: null, startError: error });
});

test('after a stop nothing is open in the worker', () => {
  const state = after(...runEvents(12), { type: 'run.stopped', runId, step: 12 });
  expect(state.run.run).toMatchObject({ status: 'stopped', live: false, step: 12 });
});

test('only the draw that is waited for changes the problem', () => {
  const waiting = { ...studioAtStart, ask: { ...askAtStart, drawing: 4 } };
  const late = reduceStudio(waiting, { type: 'problem.drawn', requestId: 3, numbers: [1, 2, 3] });
  expect(late.ask.numbers).toBeNull();
  const drawn = reduceStudio(waiting, { type: 'problem.drawn', requestId: 4, numbers: [1, 2, 3] });
  expect(drawn.ask).toMatchObject({ numbers: [1, 2, 3], drawing: null });
});

test('the tally counts each problem once, by its last answer, for one model', () => {
  const asks = [
    ask(1),
    ask(2, { attempts: [wrongAttempt, rightAttempt] }),
    ask(3, { numbers: [1, 2, 3, 4, 5, 6] }),
    ask(4, { numbers: [2, 2, 3, 4, 5, 6], runId }),
    ask(5, { numbers: [3, 2, 3, 4, 5, 6], status: 'failed' }),
  ];
  expect(tally(asks, null)).toEqual({ n: 2, first: 1, second: 1 });
});

test('before and after stand side by side, also when they were asked in the other order', () => {
  const trained = ask(2, { runId, purpose: 'compare', attempts: [rightAttempt, rightAttempt] });
  const rows = beforeAndAfter([ask(1), trained, ask(3, { numbers: [1, 2, 3, 4, 5, 6] }), ask(4)], runId);
  expect(rows.map((row) => [row.before.requestId, row.after?.requestId ?? null])).toEqual([
    [3, null],
    [4, 2],
  ]);
});
