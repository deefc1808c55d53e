// The page's wishes about models, as the worker answers them: a dropped file is estimated and placed, a broken load leaves nothing.
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import '../ops/registerCpu';
import { goldenFile } from '../models/testing/goldenFiles';
import { fileBytes } from '../models/testing/smallDial';
import type { StudioEvent } from '../protocol/events';
import type { ModelSource } from '../protocol/models';
import { ModelDesk } from './modelDesk';
import { ModelShelf } from './modelShelf';

const gguf = goldenFile('gguf', 'tiny-llama.gguf', new URL('../models/fixtures/gguf/', import.meta.url));
const source: ModelSource = { kind: 'local', files: [{ path: 'tiny.gguf', file: new Blob([gguf]) }] };
let events: StudioEvent[];
let shelf: ModelShelf;
let desk: ModelDesk;
/** What is done at every event. */
let react: (event: StudioEvent) => void;

beforeAll(async () => {
  await setBackend('cpu');
});
beforeEach(() => {
  events = [];
  react = () => {};
  const post = (event: StudioEvent) => {
    events.push(event);
    react(event);
  };
  shelf = new ModelShelf(post);
  desk = new ModelDesk(shelf, post, (job) => job());
});

const types = () => [...new Set(events.map(({ type }) => type))];

test('a dropped GGUF is estimated, placed and told about', async () => {
  const before = memory().numTensors;
  await desk.estimate({ type: 'model.estimate', requestId: 7, source });
  expect(events).toEqual([
    {
      type: 'model.estimated',
      requestId: 7,
      estimate: expect.objectContaining({ name: 'tiny', architecture: 'llama', fetchBytes: 0, obstacle: null }),
    },
  ]);
  await desk.load(source);
  expect(types()).toEqual(['model.estimated', 'model.progressed', 'model.loaded']);
  expect(events.at(-1)).toMatchObject({ name: 'tiny', architecture: 'llama', layers: 2, vocabulary: 301 });
  expect(shelf.model.id).toMatch(/^tiny-[0-9a-f]{8}$/);
  shelf.drop();
  expect(memory().numTensors).toBe(before);
});

test('broken off while it is placed: nothing stays, and it is said', async () => {
  const before = memory().numTensors;
  react = ({ type }) => {
    if (type === 'model.progressed') desk.cancel();
  };
  await desk.load(source);
  expect(events.at(-1)).toMatchObject({
    type: 'model.failed',
    error: { message: expect.stringContaining('broken off') },
  });
  expect(memory().numTensors).toBe(before);
});

test('another load takes the place of the first, which is silent', async () => {
  const first = desk.load(source);
  const second = desk.load(source);
  await Promise.all([first, second]);
  expect(types()).not.toContain('model.failed');
  expect(events.filter(({ type }) => type === 'model.loaded').length).toBe(1);
  shelf.drop();
});

test('a file that is none is refused in a sentence; the model in use stays', async () => {
  await desk.load(source);
  const bad: ModelSource = {
    kind: 'local',
    files: [{ path: 'bad.gguf', file: new Blob([fileBytes('no model, however long it is')]) }],
  };
  await desk.load(bad);
  expect(events.at(-1)).toMatchObject({ type: 'model.failed', error: { message: expect.stringContaining('"GGUF"') } });
  expect(shelf.model.id).toMatch(/^tiny-/);
  shelf.drop();
});

test('without a file system that keeps models the list is empty', async () => {
  await desk.list();
  await desk.remove('anything');
  expect(events).toEqual([
    { type: 'models.listed', models: [] },
    { type: 'models.listed', models: [] },
  ]);
});
