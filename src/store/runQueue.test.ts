// The queue over a scripted worker: order, errors, holding, and what a reload finds.
import { expect, test } from 'vitest';
import { engineStarted, evaluationAt, modelLoaded, runConfig } from '../app/testing/recordedLesson';
import { type ScriptedPort, scriptedPort } from '../app/testing/scriptedPort';
import type { Command } from '../protocol/commands';
import type { RunStatus } from '../protocol/events';
import { LESSON_FORM } from '../protocol/runForm';
import { connectStudio, type Studio } from './connection';
import { emptyLibrary, type Library } from './library';
import { memoryNotes, type Notes } from './notes';
import { readOptions } from './options';
import { requestOf } from './runSetup';

interface Bench {
  port: ScriptedPort;
  studio: Studio;
  /** Runs that were asked of the worker, in order. */
  started(): string[];
  finish(runId: string): Promise<void>;
  begin(runId: string): Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

async function bench(notes: Notes = memoryNotes(), library: Library = emptyLibrary): Promise<Bench> {
  const port = scriptedPort();
  const studio = connectStudio(port, library, readOptions(''), notes);
  port.say(engineStarted, modelLoaded);
  await studio.openNotes();
  await settled();
  const asked = (type: Command['type']) => port.posted.filter((command) => command.type === type);
  return {
    port,
    studio,
    started: () => asked('run.start').map((command) => (command.type === 'run.start' ? (command.runId ?? '') : '')),
    async begin(runId) {
      port.say({ type: 'run.started', run: { ...runConfig, id: runId }, resumedAt: 0 });
      await settled();
    },
    async finish(runId) {
      const ends = { before: evaluationAt(0), after: evaluationAt(70) };
      const comparison = { n: 500, gained: 5, lost: 0, gain: 0.01, gainInterval: { low: 0, high: 0.02 }, pValue: 0.06 };
      port.say({ type: 'run.finished', runId, step: 70, ...ends, comparison, seconds: 60, tokens: 1000 });
      await settled();
    },
  };
}

const entries = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    request: { ...requestOf(LESSON_FORM, i), runId: `run-${i}` },
    name: '',
    group: null,
  }));
const statuses = (studio: Studio) => studio.store.getState().queue.items.map(({ id, status }) => `${id} ${status}`);

test('one begins at once, the next when it has ended, whatever its end was', async () => {
  const { port, studio, started, begin, finish } = await bench();
  studio.queue.add(entries(4));
  await settled();
  expect(started()).toEqual(['run-0']);
  await begin('run-0');
  expect(started()).toEqual(['run-0']);
  await finish('run-0');
  expect(started()).toEqual(['run-0', 'run-1']);
  await begin('run-1');
  port.say({ type: 'run.failed', runId: 'run-1', error: { kind: 'input', message: 'settings: expected …' } });
  await settled();
  expect(statuses(studio)).toEqual(['run-1 failed', 'run-2 running', 'run-3 waiting']);
  expect(studio.store.getState().queue.items[0].error).toBe('settings: expected …');
  await begin('run-2');
  // Numbers out of order pause a run and leave it on the desk: the queue goes on without it.
  port.say({ type: 'run.paused', runId: 'run-2', step: 3, error: { kind: 'numerics', message: 'step 4: …' } });
  await settled();
  expect(started()).toEqual(['run-0', 'run-1', 'run-2', 'run-3']);
});

test('runs from another machine join the line and wait for a person; one that is known is not taken twice', async () => {
  const { studio, started, begin } = await bench();
  studio.queue.add(entries(1));
  await begin('run-0');
  const [, second] = entries(2);
  const item = { ...second, id: 'run-1', status: 'waiting' as const, error: null };
  expect(studio.queue.adopt([item, { ...item, id: 'run-0' }])).toBe(1);
  expect(studio.queue.adopt([item])).toBe(0);
  expect(studio.store.getState().queue.isHeld).toBe(true);
  expect(started()).toEqual(['run-0']);
});

test('a run that was paused by hand is waited for', async () => {
  const { port, studio, started, begin } = await bench();
  studio.queue.add(entries(2));
  await settled();
  await begin('run-0');
  port.say({ type: 'run.paused', runId: 'run-0', step: 3, error: null });
  await settled();
  expect(started()).toEqual(['run-0']);
  port.say({ type: 'run.stopped', runId: 'run-0', step: 3 });
  await settled();
  expect(started()).toEqual(['run-0', 'run-1']);
});

test('held, moved, removed, tried again', async () => {
  const { port, studio, started } = await bench();
  studio.queue.hold();
  studio.queue.add(entries(3));
  await settled();
  expect(started()).toEqual([]);
  studio.queue.move('run-2', -1);
  studio.queue.move('run-0', -1);
  expect(statuses(studio)).toEqual(['run-0 waiting', 'run-2 waiting', 'run-1 waiting']);
  studio.queue.remove('run-0');
  studio.queue.go();
  await settled();
  expect(started()).toEqual(['run-2']);
  studio.queue.remove('run-2');
  expect(statuses(studio)).toEqual(['run-2 running', 'run-1 waiting']);
  port.say({ type: 'run.failed', runId: 'run-2', error: { kind: 'input', message: 'no' } });
  await settled();
  studio.queue.retry('run-2');
  expect(statuses(studio)).toEqual(['run-1 running', expect.stringMatching(/^(?!run-).* waiting$/)]);
});

const stored = (status: RunStatus): Library => ({
  ...emptyLibrary,
  listRuns: async () => [{ config: { ...runConfig, id: 'run-0' }, status, step: 3, checkpointStep: 3, result: null }],
});

test('after a reload it goes on: what was under way is continued, then the next begins', async () => {
  const notes = memoryNotes();
  const first = await bench(notes);
  first.studio.queue.add(entries(2));
  await settled();
  const again = await bench(notes, stored('paused'));
  await settled();
  expect(again.port.posted).toContainEqual(expect.objectContaining({ type: 'run.restore', runId: 'run-0' }));
  expect(again.started()).toEqual([]);
  await again.begin('run-0');
  again.port.say({ type: 'run.stopped', runId: 'run-0', step: 3 });
  await settled();
  expect(again.started()).toEqual(['run-1']);
});

test('a run that ended while nobody looked is not begun again', async () => {
  const notes = memoryNotes();
  (await bench(notes)).studio.queue.add(entries(2));
  await settled();
  const again = await bench(notes, stored('finished'));
  await settled();
  expect(again.started()).toEqual(['run-1']);
});

test('on a new visit it asks before it computes', async () => {
  const notes = memoryNotes();
  (await bench(notes)).studio.queue.add(entries(1));
  await settled();
  notes.setGoing(false);
  const again = await bench(notes);
  await settled();
  expect(again.studio.store.getState().queue).toMatchObject({ isHeld: true, isElsewhere: false });
  expect(again.started()).toEqual([]);
  again.studio.queue.go();
  await settled();
  expect(again.started()).toEqual(['run-0']);
});

test('a tab that does not lead shows the queue and begins nothing', async () => {
  const notes: Notes = { ...memoryNotes(), leadQueue: () => {} };
  await notes.putQueue(entries(1).map((entry) => ({ ...entry, id: 'run-0', status: 'waiting', error: null })));
  const { studio, started } = await bench(notes);
  expect(studio.store.getState().queue).toMatchObject({ isElsewhere: true, items: [{ id: 'run-0' }] });
  expect(started()).toEqual([]);
});

test('a tab that takes over finds the queue as the other left it', async () => {
  let lead = () => {};
  const notes: Notes = {
    ...memoryNotes(),
    leadQueue: (onLead) => {
      lead = onLead;
    },
  };
  const waiting = entries(2).map((entry) => ({
    ...entry,
    id: entry.request.runId,
    status: 'waiting' as const,
    error: null,
  }));
  await notes.putQueue(waiting);
  const { studio, started } = await bench(notes);
  await notes.putQueue(waiting.slice(1));
  lead();
  await settled();
  expect(statuses(studio)).toEqual(['run-1 waiting']);
  expect(studio.store.getState().queue).toMatchObject({ isHeld: true, isElsewhere: false });
  expect(started()).toEqual([]);
});

test('a group is written on each run before it starts', async () => {
  const notes = memoryNotes();
  const { studio } = await bench(notes);
  studio.queue.add([{ ...entries(1)[0], name: 'seed 0', group: 'three seeds' }]);
  await settled();
  expect(await notes.listLabels()).toMatchObject([{ runId: 'run-0', name: 'seed 0', group: 'three seeds' }]);
});
