// The cache of models: killed at any byte it goes on there, what is damaged is found, what is shared is kept once.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CounterRng } from '../lib/counterRng';
import { StudioError } from '../protocol/errors';
import { type Blueprint, ModelCache, type ModelRecord } from './modelCache';
import { createMemoryShelf } from './testing/memoryShelf';

const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31 + (i >> 7)) & 255);
const sha256 = createHash('sha256').update(content).digest('hex');
const blueprint: Blueprint = { name: 'model.gguf', bytes: content.length, key: `sha256-${sha256}`, sha256 };
const quiet = () => {};

/** Sends the content in pieces from an offset; throws after `until` bytes of it in all. */
function server(until = Number.POSITIVE_INFINITY, sent: number[] = [], bytes = content) {
  return async function* stream(from: number): AsyncGenerator<Uint8Array> {
    sent.push(from);
    for (let at = from; at < bytes.length; at += 777) {
      if (at + 777 > until) {
        yield bytes.subarray(at, Math.max(at, until));
        throw new Error('killed');
      }
      yield bytes.subarray(at, at + 777);
    }
  };
}

function record(id: string, files: Blueprint[]): ModelRecord {
  const place = { host: 'https://hub', repo: 'a/b', revision: 'main', file: null };
  return { id, name: id, licence: null, usedAt: '2026-11-21T00:00:00.000Z', place, files };
}

test('killed at random bytes, as often as it likes, it ends with the same hash and fetches no byte twice', async () => {
  const rng = new CounterRng(1, 7);
  for (let round = 0; round < 20; round++) {
    const shelf = createMemoryShelf();
    const asked: number[] = [];
    let wrote = 0;
    for (let kills = 0; kills < 3; kills++) {
      const until = Math.floor(rng.uniform() * content.length);
      const receive = new ModelCache(shelf).receive(blueprint, server(until, asked), quiet);
      // A point that lies behind what is already here sends nothing and dies at once.
      await receive.catch((error) => expect(error.message).toBe('killed'));
      expect(asked.at(-1)).toBe(wrote);
      wrote = Math.max(wrote, until);
      expect(shelf.files.get(blueprint.key)!.length).toBe(wrote);
      expect(shelf.busy.size).toBe(0);
    }
    const cache = new ModelCache(shelf);
    expect(await cache.held(blueprint)).toEqual({ bytes: wrote, isWhole: false });
    await cache.receive(blueprint, server(undefined, asked), quiet);
    expect(asked.at(-1)).toBe(wrote);
    expect(await cache.held(blueprint)).toEqual({ bytes: content.length, isWhole: true });
    expect(createHash('sha256').update(shelf.files.get(blueprint.key)!).digest('hex')).toBe(sha256);
    expect(await cache.hashOf(blueprint)).toBe(sha256);
  }
});

test('progress counts what was found and what is fetched', async () => {
  const shelf = createMemoryShelf();
  const cache = new ModelCache(shelf);
  await cache.receive(blueprint, server(50_000), quiet).catch(quiet);
  const told: [number, boolean][] = [];
  await cache.receive(blueprint, server(), (held, isFetched) => told.push([held, isFetched]));
  expect(told[0]).toEqual([50_000, false]);
  expect(told.slice(1).every(([, isFetched]) => isFetched)).toBe(true);
  expect(told.at(-1)).toEqual([content.length, true]);
});

test('a file that is whole is asked for no more', async () => {
  const cache = new ModelCache(createMemoryShelf());
  const asked: number[] = [];
  await cache.receive(blueprint, server(undefined, asked), quiet);
  await cache.receive(blueprint, server(undefined, asked), quiet);
  expect(asked).toEqual([0]);
  const source = await cache.read(blueprint);
  expect(source.name).toBe('model.gguf');
  expect(await source.read(5, 10)).toEqual(content.slice(5, 15));
});

test('all bytes here, but the page died before they were checked: they are checked, not fetched', async () => {
  const shelf = createMemoryShelf();
  shelf.files.set(blueprint.key, content.slice());
  const cache = new ModelCache(shelf);
  expect((await cache.held(blueprint)).isWhole).toBe(false);
  const asked: number[] = [];
  await cache.receive(blueprint, server(undefined, asked), quiet);
  expect((await cache.held(blueprint)).isWhole).toBe(true);
});

describe('refused', () => {
  test('damaged content is found and deleted', async () => {
    const shelf = createMemoryShelf();
    const bad = content.slice();
    bad[70_000] ^= 1;
    const receive = new ModelCache(shelf).receive(blueprint, server(undefined, [], bad), quiet);
    await expect(receive).rejects.toThrow(/expected content with the SHA-256 .*, got /);
    expect(shelf.files.get(blueprint.key)!.length).toBe(0);
  });

  test('more than was announced', async () => {
    const longer = { ...blueprint, bytes: 1000 };
    const receive = new ModelCache(createMemoryShelf()).receive(longer, server(), quiet);
    await expect(receive).rejects.toThrow(/expected 1000 bytes as announced, more came/);
  });

  test('less than was announced', async () => {
    const shorter = { ...blueprint, bytes: content.length + 1 };
    const receive = new ModelCache(createMemoryShelf()).receive(shorter, server(), quiet);
    await expect(receive).rejects.toThrow(/expected 100001 bytes, the server ended after 100000/);
  });

  test('a full disk says so, and what was written stays for the next time', async () => {
    const shelf = createMemoryShelf();
    shelf.room = 30_000;
    const receive = new ModelCache(shelf).receive(blueprint, server(), quiet);
    await expect(receive).rejects.toThrow(/expected room on the disk/);
    await expect(receive).rejects.toBeInstanceOf(StudioError);
    expect(shelf.busy.size).toBe(0);
  });
});

test('models are listed with what is here of them; deleting one keeps what another needs', async () => {
  const shelf = createMemoryShelf();
  const cache = new ModelCache(shelf);
  const own: Blueprint = { name: 'config.json', bytes: 100_000, key: 'git-1', sha256: null };
  await cache.save(record('one', [blueprint, own]));
  await cache.receive(blueprint, server(), quiet);
  await cache.receive(own, server(40_000), quiet).catch(quiet);
  await cache.save({ ...record('two', [blueprint]), usedAt: '2026-11-22T00:00:00.000Z' });
  expect((await cache.list()).map(({ id, bytes, keptBytes }) => [id, bytes, keptBytes])).toEqual([
    ['two', 100_000, 100_000],
    ['one', 200_000, 140_000],
  ]);
  await cache.delete('one');
  expect([...shelf.files.keys()].sort().filter((name) => !name.endsWith('.model'))).toEqual([
    blueprint.key,
    `${blueprint.key}.done`,
  ]);
  await cache.delete('two');
  expect(shelf.files.size).toBe(0);
});

test('records of other versions, or half written, are no models', async () => {
  const shelf = createMemoryShelf();
  const cache = new ModelCache(shelf);
  await cache.save(record('one', []));
  const [name, bytes] = [...shelf.files][0];
  shelf.files.set(name, bytes.slice(0, 20));
  expect(await cache.list()).toEqual([]);
  expect(await cache.find('one')).toBeNull();
});
