// Models from a hub on this machine, from chosen files and from the cache: opened, estimated, broken off, offline, without room.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFloats } from '../models/files/storedFloats';
import { writeSafetensors } from '../models/safetensors';
import { goldenFile } from '../models/testing/goldenFiles';
import { fileBytes, smallDialFiles } from '../models/testing/smallDial';
import type { HubPlace } from '../protocol/models';
import { ModelCache } from '../storage/modelCache';
import { createMemoryShelf, type MemoryShelf } from '../storage/testing/memoryShelf';
import { createAsking } from './hubRequests';
import { type LoadProgress, LoadTeller } from './loadTeller';
import { type LibraryHost, ModelLibrary } from './modelLibrary';
import { type FakeHub, startFakeHub } from './testing/fakeHub';

const gguf = goldenFile('gguf', 'tiny-llama.gguf', new URL('../models/fixtures/gguf/', import.meta.url));
const padded = new Uint8Array(5_000_000);
padded.set(gguf);
const never = new AbortController().signal;
let hub: FakeHub;
let shelf: MemoryShelf;
let room: number | null;
let library: ModelLibrary;
let place: HubPlace;

function createLibrary(part: Partial<LibraryHost> = {}): ModelLibrary {
  return new ModelLibrary({
    cache: new ModelCache(shelf),
    asking: (token, signal) => createAsking({ token, signal, wait: async () => {} }),
    room: async () => room,
    now: () => performance.now(),
    date: () => new Date('2026-11-21'),
    guessSpeed: () => null,
    ...part,
  });
}

beforeEach(async () => {
  hub = await startFakeHub({
    licence: 'mit',
    files: new Map<string, Uint8Array>([...smallDialFiles(), ['tiny.gguf', gguf], ['README.md', fileBytes('x')]]),
  });
  shelf = createMemoryShelf();
  room = null;
  library = createLibrary();
  place = { host: hub.host, repo: hub.repo, revision: 'main', file: 'tiny.gguf' };
});
afterEach(() => hub.close());

const open = (source = place, signal = never, told: LoadProgress[] = []) =>
  library.open({ kind: 'hub', place: source, token: null }, signal, (progress) => told.push(progress));
const weightsOf = async ({ description }: Awaited<ReturnType<typeof open>>, name = 'model.norm.weight') => [
  ...(await readFloats(description.tensors.tensors.get(name)!)),
];

describe('from the hub', () => {
  test('a GGUF is fetched once, kept, and opened without a connection the next time', async () => {
    const told: LoadProgress[] = [];
    const first = await open(place, never, told);
    expect(first).toMatchObject({ name: 'tiny', kept: 'kept' });
    expect(first.description.config.model_type).toBe('llama');
    expect(first.origin.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(told.at(-1)).toMatchObject({ loadedBytes: gguf.length, totalBytes: gguf.length, phase: 'fetching' });
    const sent = hub.sent;
    expect(sent).toBe(gguf.length);
    const again = await open();
    expect(hub.sent).toBe(sent);
    expect(await weightsOf(again)).toEqual(await weightsOf(first));
    await hub.close();
    expect(await weightsOf(await open())).toEqual(await weightsOf(first));
    const [{ id, bytes, keptBytes, licence }] = await library.list();
    expect({ bytes, keptBytes, licence }).toEqual({ bytes: gguf.length, keptBytes: gguf.length, licence: 'mit' });
    expect(await weightsOf(await library.open({ kind: 'cached', id }, never, () => {}))).toEqual(
      await weightsOf(first),
    );
    expect(await library.delete(id)).toEqual([]);
    expect(shelf.files.size).toBe(0);
  });

  test('a folder of safetensors is its configuration, tokenizer and weights, nothing else', async () => {
    const opened = await open({ ...place, file: null });
    expect(opened.description.tokenizer?.kind).toBe('json');
    expect([...opened.origin.files.keys()].sort()).toEqual([
      'chat_template.jinja',
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(hub.requests.some(({ path }) => path.includes('README') || path.includes('gguf'))).toBe(false);
  });

  test('cut connections cost a request, not the bytes', async () => {
    hub.cuts.push(1000, 50_000);
    await open();
    expect(hub.requests.filter(({ server }) => server === 'cdn').length).toBe(3);
    expect(hub.sent).toBeLessThan(gguf.length + 1000);
  });

  test('broken off, then loaded: it goes on where it stopped', async () => {
    const stop = new AbortController();
    const pieces: number[] = [];
    const broken = library.open({ kind: 'hub', place, token: null }, stop.signal, ({ loadedBytes }) => {
      pieces.push(loadedBytes);
      stop.abort();
    });
    await expect(broken).rejects.toThrow(/abort/i);
    const [{ keptBytes, bytes }] = await library.list();
    expect(keptBytes).toBeGreaterThan(0);
    expect(keptBytes).toBeLessThan(bytes);
    hub.requests.length = 0;
    const told: LoadProgress[] = [];
    expect((await open(place, never, told)).kept).toBe('kept');
    expect(hub.requests.find(({ server }) => server === 'cdn')?.range).toBe(`bytes=${keptBytes}-`);
    expect(told[0]).toMatchObject({ phase: 'reading', loadedBytes: keptBytes, bytesPerSecond: null });
  });
});

describe('without room it is read as it goes, and said', () => {
  /** A download that was not finished, and that somebody else goes on with. */
  async function letAnotherTabWrite(): Promise<void> {
    await open();
    const key = [...shelf.files.keys()].find((file) => /^sha256-[0-9a-f]+$/.test(file))!;
    shelf.files.delete(`${key}.done`);
    shelf.busy.add(key);
  }

  test.each<[string, () => unknown]>([
    ['the browser says how little there is', () => (room = 1000)],
    ['the disk is full on the way', () => (shelf.room = 100_000)],
    ['no file system', () => (library = createLibrary({ cache: null }))],
    ['another tab writes it', letAnotherTabWrite],
  ])('%s', async (_, prepare) => {
    // Behind its tensors: too long to be held in memory.
    hub.files.set('tiny.gguf', padded);
    await prepare();
    const opened = await open();
    expect(opened.kept).toBe('refused');
    expect(hub.requests.at(-1)?.range).toMatch(/^bytes=/);
    const elsewhere = createLibrary({ cache: null });
    const whole = await elsewhere.open({ kind: 'hub', place, token: null }, never, () => {});
    const tensor = 'model.layers.1.self_attn.q_proj.weight';
    expect(await weightsOf(opened, tensor)).toEqual(await weightsOf(whole, tensor));
  });

  test('a host without ranges is read whole', async () => {
    hub.ranges = false;
    room = 0;
    const opened = await open();
    expect(opened.kept).toBe('refused');
    expect((await weightsOf(opened)).length).toBe(64);
  });
});

describe('estimates', () => {
  test('from headers alone', async () => {
    const estimate = await library.estimate({ kind: 'hub', place: { ...place, file: null }, token: null });
    expect(estimate).toMatchObject({
      name: 'model',
      architecture: 'llama',
      licence: 'mit',
      obstacle: null,
      choices: [{ file: 'tiny.gguf', bytes: gguf.length, fits: true }],
    });
    const folder = [...smallDialFiles()].reduce((sum, [, bytes]) => sum + bytes.length, 0);
    expect(estimate.fetchBytes).toBe(folder);
    expect(estimate.residentBytes).toBe(4 * estimate.parameters!);
    expect(hub.sent).toBeLessThan(20_000);
    expect(shelf.files.size).toBe(0);
  });

  test('the time to fetch it: by the browser’s guess, then by what was seen of a long header or a download', async () => {
    let now = 0;
    const slow = createLibrary({ guessSpeed: () => 1000, now: () => (now += 600) });
    const folder = await slow.estimate({ kind: 'hub', place: { ...place, file: null }, token: null });
    expect(folder.fetchSeconds).toBe(folder.fetchBytes / 1000);
    hub.files.set('other.gguf', gguf.slice().fill(0, gguf.length - 10));
    const other = { kind: 'hub' as const, place: { ...place, file: 'other.gguf' }, token: null };
    // The header is read as far as one window reaches: here the whole file, in 600 ms.
    expect((await slow.estimate(other)).fetchSeconds).toBeCloseTo(0.6, 9);
    await slow.open({ kind: 'hub', place, token: null }, never, () => {});
    expect((await slow.estimate({ kind: 'hub', place, token: null })).fetchSeconds).toBe(0);
  });

  test('what is kept is not fetched again', async () => {
    await open();
    const { fetchBytes } = await library.estimate({ kind: 'hub', place, token: null });
    expect(fetchBytes).toBe(0);
    const [{ id }] = await library.list();
    expect(await library.estimate({ kind: 'cached', id })).toMatchObject({
      name: 'tiny',
      fetchBytes: 0,
      licence: 'mit',
    });
  });

  test('what cannot fit is refused with what would', async () => {
    const small = createLibrary({ limitBytes: 400_000 });
    const { obstacle } = await small.estimate({ kind: 'hub', place, token: null });
    expect(obstacle).toMatchObject({ kind: 'memory' });
    expect(obstacle?.message).toBe(
      'tiny: expected at most 0.4 MB of weights in this tab, got 0.6 MB. A model of up to 0.1 million parameters in this form would fit.',
    );
  });

  test('of several files the largest that fits is taken, and a smaller one is named', async () => {
    const few = createLibrary({ limitBytes: 500_000 });
    hub.files.delete('config.json');
    hub.files.set('larger.gguf', gguf);
    hub.files.set('smaller.gguf', gguf.slice(0, 100_000));
    const estimate = await few.estimate({ kind: 'hub', place: { ...place, file: 'larger.gguf' }, token: null });
    expect(estimate.choices.map(({ file, fits }) => [file, fits])).toEqual([
      ['smaller.gguf', true],
      ['tiny.gguf', false],
      ['larger.gguf', false],
    ]);
    expect(estimate.obstacle?.message).toMatch(/smaller\.gguf would fit\.$/);
  });

  test('tensors that are missing are known before they are fetched', async () => {
    const files = [...smallDialFiles()].map(([name, bytes]) => ({
      path: `mine/${name}`,
      file: new Blob([name === 'model.safetensors' ? writeSafetensors([], 'F32') : new Uint8Array(bytes)]),
    }));
    const { obstacle, residentBytes } = await library.estimate({ kind: 'local', files });
    expect(obstacle).toMatchObject({ kind: 'format', message: expect.stringContaining('model.embed_tokens.weight') });
    expect(residentBytes).toBeNull();
  });

  test('an architecture we do not have is named before anything is fetched', async () => {
    const files = [...smallDialFiles()].map(([name, bytes]) => ({
      path: `mine/${name}`,
      file: new Blob([name === 'config.json' ? fileBytes({ model_type: 'mamba' }) : new Uint8Array(bytes)]),
    }));
    const { obstacle, name } = await library.estimate({ kind: 'local', files });
    expect(name).toBe('mine');
    expect(obstacle).toMatchObject({ kind: 'architecture', message: expect.stringContaining('"mamba"') });
  });
});

describe('files of this machine', () => {
  const local = (files: Iterable<[string, Uint8Array]>, folder = '') =>
    [...files].map(([name, bytes]) => ({ path: `${folder}${name}`, file: new Blob([new Uint8Array(bytes)]) }));

  test('a GGUF; the same file has the same name', async () => {
    const source = { kind: 'local' as const, files: local([['x/tiny.gguf', gguf]]) };
    const opened = await library.open(source, never, () => {});
    expect(opened).toMatchObject({ name: 'tiny', id: expect.stringMatching(/^tiny-[0-9a-f]{8}$/) });
    expect(opened.kept).toBeUndefined();
    expect((await library.open(source, never, () => {})).id).toBe(opened.id);
  });

  test('a folder, with folders in it that are not the model', async () => {
    const files = [
      ...local(smallDialFiles(), 'mine/'),
      ...local([['onnx/config.json', fileBytes({})]], 'mine/'),
      ...local([['other.gguf', gguf]], 'mine/'),
    ];
    const opened = await library.open({ kind: 'local', files }, never, () => {});
    expect(opened.name).toBe('mine');
    expect(opened.description.tokenizer?.kind).toBe('json');
  });

  test.each<[string[], RegExp]>([
    [[], /expected a model folder .* or a GGUF, got nothing/],
    [['photo.jpg'], /got photo\.jpg/],
    [['a.gguf', 'b.gguf'], /expected one GGUF, got 2/],
  ])('%j', async (names, sentence) => {
    const files = local(names.map((name): [string, Uint8Array] => [name, gguf]));
    await expect(library.estimate({ kind: 'local', files })).rejects.toThrow(sentence);
  });
});

test('speed and time left are those of the latest seconds', () => {
  let now = 0;
  const told: LoadProgress[] = [];
  const teller = new LoadTeller(
    10_000_000,
    () => now,
    (progress) => told.push(progress),
  );
  const file = teller.nextFile(10_000_000);
  file(1_000_000, false);
  expect(told.at(-1)).toMatchObject({ phase: 'reading', bytesPerSecond: null });
  for (let i = 1; i <= 20; i++) {
    now += 500;
    file(1_000_000 + i * 100_000, true);
  }
  expect(told.at(-1)).toMatchObject({ bytesPerSecond: 200_000, secondsLeft: 35 });
  now += 10_000;
  file(3_100_000, true);
  expect(told.at(-1)!.bytesPerSecond).toBeLessThan(20_000);
});
