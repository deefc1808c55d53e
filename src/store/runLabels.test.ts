// Names and tags, and a deletion that can be undone for ten seconds.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runConfig } from '../app/testing/recordedLesson';
import { scriptedPort } from '../app/testing/scriptedPort';
import { connectStudio } from './connection';
import { emptyLibrary, type Library } from './library';
import { memoryNotes } from './notes';
import { readOptions } from './options';
import { tagsOf, UNDO_MS } from './runLabels';

const library: Library = {
  ...emptyLibrary,
  listRuns: async () =>
    ['a', 'b'].map((id) => ({
      config: { ...runConfig, id },
      status: 'finished',
      step: 70,
      checkpointStep: 70,
      result: null,
    })),
};

async function bench(notes = memoryNotes()) {
  const port = scriptedPort();
  const studio = connectStudio(port, library, readOptions(''), notes);
  await studio.runs.refresh();
  const deleted = () => port.posted.flatMap((command) => (command.type === 'run.delete' ? [command.runId] : []));
  const shown = () => studio.store.getState().storedRuns.map(({ config }) => config.id);
  return { port, studio, deleted, shown, notes };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a name and tags stay with the run, beside its configuration', async () => {
  const { studio, notes } = await bench();
  await studio.labels.change('a', { name: '  first  ' });
  await studio.labels.change('a', { tags: ['x'] });
  expect(studio.store.getState().storedRuns[0].label).toMatchObject({ name: 'first', tags: ['x'], group: null });
  const again = await bench(notes);
  expect(again.studio.store.getState().storedRuns[0].label?.name).toBe('first');
  expect(again.studio.store.getState().storedRuns[1].label).toBeNull();
});

test('a deleted run is out of sight at once and gone after ten seconds', async () => {
  const { studio, deleted, shown } = await bench();
  await studio.labels.remove('a');
  expect(shown()).toEqual(['b']);
  expect(studio.store.getState().removed).toMatchObject([{ runId: 'a' }]);
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(deleted()).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(deleted()).toEqual(['a']);
  expect(studio.store.getState().removed).toEqual([]);
});

test('undone, it is back and stays', async () => {
  const { studio, deleted, shown } = await bench();
  await studio.labels.remove('a');
  await studio.labels.undo('a');
  expect(shown()).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
  expect(deleted()).toEqual([]);
});

test('a tab closed meanwhile finishes the deletion on the next visit', async () => {
  const { studio, notes } = await bench();
  await studio.labels.remove('a');
  vi.clearAllTimers();
  const again = await bench(notes);
  expect(again.shown()).toEqual(['b']);
  await again.studio.openNotes();
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(again.deleted()).toEqual(['a']);
});

test('tags are read from a line', () => {
  expect(tagsOf(' a, b ,,a,  ')).toEqual(['a', 'b']);
});
