// The studio over a scripted port: which commands it sends when, and what it remembers.
import { expect, test } from 'vitest';
import {
  engineStarted,
  evaluationAt,
  modelLoaded,
  problem,
  rightAttempt,
  runConfig,
  runEvents,
  steppedEvent,
  traceChunk,
  wrongAttempt,
} from '../app/testing/recordedLesson';
import { type ScriptedPort, scriptedPort } from '../app/testing/scriptedPort';
import type { Command } from '../protocol/commands';
import type { StudioEvent } from '../protocol/events';
import { connectStudio } from './connection';
import { emptyLibrary, type Library } from './library';
import { readOptions } from './options';

/** A worker that is always ready and always answers. */
function willing(command: Command): StudioEvent[] {
  if (command.type === 'engine.start') return [engineStarted];
  if (command.type === 'model.load') return [modelLoaded];
  if (command.type === 'problem.draw') {
    return [{ type: 'problem.drawn', requestId: command.requestId, numbers: [command.seed % 11 || 1, 2, 3, 4, 5, 6] }];
  }
  if (command.type === 'attempt.start') {
    const attempts = command.runId ? [wrongAttempt, rightAttempt] : [rightAttempt, wrongAttempt];
    return [{ type: 'attempt.finished', requestId: command.requestId, attempts, tokensPerSecond: 3000 }];
  }
  return [];
}

const stored: Library = {
  listRuns: async () => [{ config: runConfig, status: 'paused', step: 37, checkpointStep: 30, result: null }],
  readRun: async () => ({
    config: runConfig,
    status: 'running',
    step: 37,
    checkpointStep: 30,
    result: null,
    stages: [{ step: 0, stage: 'stage_1' }],
    evaluations: [evaluationAt(0), evaluationAt(5)],
    rows: Array.from({ length: 37 }, (_, i) => ({ step: i + 1, seconds: i, tokens: i * 10, metrics: {} })),
  }),
  readEvaluations: async () => [],
  readTraces: async (_run, step) => [traceChunk(step)],
};

const types = (port: ScriptedPort) => port.posted.map(({ type }) => type);
const begin = (library: Library = emptyLibrary, search = '?seed=5') => {
  const port = scriptedPort(willing);
  const studio = connectStudio(port, library, readOptions(search));
  studio.startEngine('auto');
  return { port, studio };
};

test('engine, then model, then the first problem, without being asked', () => {
  const { port, studio } = begin();
  expect(types(port)).toEqual(['engine.start', 'model.load', 'problem.draw']);
  expect(studio.store.getState().ask.numbers).toEqual([5, 2, 3, 4, 5, 6]);
});

test('five questions go out one after the other, each for a fresh problem', async () => {
  const { port, studio } = begin();
  await studio.asking.askSeveral(5, null);
  const asked = port.posted.filter((command) => command.type === 'attempt.start');
  expect(asked).toHaveLength(5);
  expect(new Set(asked.map(({ numbers }) => numbers.join())).size).toBe(5);
  expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(5);
});

test('comparing asks the trained model the very problems the base was asked', async () => {
  const { port, studio } = begin();
  studio.asking.edit(problem);
  await studio.asking.ask(null);
  await studio.asking.compare(runConfig.id);
  const asked = port.posted.filter((command) => command.type === 'attempt.start');
  expect(asked.map(({ numbers, runId }) => [numbers, runId])).toEqual([
    [problem, null],
    [problem, runConfig.id],
  ]);
});

test('practising sends minutes, or steps when the address asks for them', () => {
  const lesson = begin();
  lesson.studio.runs.practise();
  expect(lesson.port.posted.at(-1)).toMatchObject({
    type: 'run.start',
    recipe: 'score',
    settings: {},
    seed: 5,
    minutes: 5,
    steps: null,
    evaluation: {},
  });
  const short = begin(emptyLibrary, '?seed=5&steps=3&set.alpha=5');
  short.studio.runs.practise();
  expect(short.port.posted.at(-1)).toMatchObject({ minutes: null, steps: 3, settings: { alpha: 5 } });
});

test('rows go to the buffers, and a resume cuts them at the checkpoint', () => {
  const { port, studio } = begin();
  port.say(...runEvents(12));
  expect([...studio.series().column('step')]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const version = studio.store.getState().seriesVersion;
  port.say({ type: 'run.started', run: runConfig, resumedAt: 10 }, steppedEvent(11));
  expect(studio.series().length).toBe(11);
  expect(studio.store.getState().seriesVersion).toBeGreaterThan(version);
});

test('after a reload the newest stored run is on screen, waiting, with its curve', async () => {
  const { studio } = begin(stored);
  await studio.showLatest();
  expect(studio.store.getState().run.run).toMatchObject({ status: 'paused', live: false, step: 37 });
  expect(studio.series().length).toBe(37);
  expect(studio.store.getState().run.run?.sample).toMatchObject({ step: 37, flip: 'i_to_c' });
  expect(studio.store.getState().storedRuns).toHaveLength(1);
});

test('resuming a stored run restores it first and goes on only when it stands', async () => {
  const { port, studio } = begin(stored);
  await studio.showLatest();
  studio.runs.resume();
  expect(types(port).at(-1)).toBe('run.restore');
  port.say({ type: 'run.started', run: runConfig, resumedAt: 30 });
  expect(types(port).at(-1)).toBe('run.restore');
  port.say({ type: 'run.paused', runId: runConfig.id, step: 30, error: null });
  await Promise.resolve();
  expect(types(port).at(-1)).toBe('run.resume');
  expect(studio.series().length).toBe(30);
});

test('a restarted worker gets engine and model again', () => {
  const { port, studio } = begin();
  port.say({ type: 'worker.failed', error: { kind: 'internal', message: 'gone' } });
  studio.restartWorker();
  expect(port.restarts).toBe(1);
  expect(types(port).slice(-2)).toEqual(['engine.start', 'model.load']);
  expect(studio.store.getState().workerFault).toBeNull();
});

test('samples: read once asked for; a late answer for a closed drawer is dropped', async () => {
  const { studio } = begin(stored);
  const reading = studio.openSamples(runConfig.id, 30);
  expect(studio.store.getState().samples?.status).toBe('loading');
  await reading;
  expect(studio.store.getState().samples?.chunks[0].step).toBe(30);
  const late = studio.openSamples(runConfig.id, 31);
  studio.closeSamples();
  await late;
  expect(studio.store.getState().samples).toBeNull();
});

test('samples that cannot be read say so', async () => {
  const broken: Library = { ...stored, readTraces: () => Promise.reject(new Error('storage: blocked')) };
  const { studio } = begin(broken);
  await studio.openSamples(runConfig.id, 30);
  expect(studio.store.getState().samples).toMatchObject({ status: 'failed', error: 'storage: blocked' });
});
