// Against a hub on this machine that redirects, cuts connections, is busy, knows no ranges, or says no.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StudioError } from '../protocol/errors';
import { checkPlace, filesOfModel, fileUrl, ggufChoices, listRepository } from './hubListing';
import { type Asking, createAsking, hasRanges, httpBytes, streamFile } from './hubRequests';
import { type FakeHub, startFakeHub } from './testing/fakeHub';

const gguf = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 17 + (i >> 8)) & 255);
const text = new TextEncoder().encode('{"model_type":"llama"}');
let hub: FakeHub;
let waits: number[];
let asking: Asking;
beforeEach(async () => {
  hub = await startFakeHub({
    licence: 'apache-2.0',
    files: new Map([
      ['config.json', text],
      ['README.md', text],
      ['model.gguf', gguf],
      ['parts-00001-of-00002.gguf', text],
      ['small.gguf', gguf.slice(0, 1000)],
    ]),
  });
  waits = [];
  asking = createAsking({ wait: async (ms) => void waits.push(ms) });
});
afterEach(() => hub.close());

const place = () => ({ host: hub.host, repo: hub.repo, revision: 'main', file: null });
const url = (name = 'model.gguf') => fileUrl(place(), hub.commit, name);

async function collect(from = 0): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of streamFile(url(), gguf.length, from, asking)) parts.push(part.slice());
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

test('a repository is listed with commit, licence, sizes and hashes', async () => {
  const listing = await listRepository(place(), asking);
  expect(listing).toMatchObject({ commit: hub.commit, licence: 'apache-2.0' });
  const [config, , model] = listing.files;
  expect(config).toMatchObject({ name: 'config.json', bytes: text.length, sha256: null });
  expect(config.key).toMatch(/^git-[0-9a-f]{40}$/);
  expect(model.key).toBe(`sha256-${model.sha256}`);
  expect(ggufChoices(listing.files).map(({ name }) => name)).toEqual(['small.gguf', 'model.gguf']);
});

test('which files a model is made of', async () => {
  const { files } = await listRepository(place(), asking);
  const names = (file: string | null, most: number, from = files) =>
    filesOfModel({ ...place(), file }, from, most).map(({ name }) => name);
  expect(names('small.gguf', 1e9)).toEqual(['small.gguf']);
  expect(names(null, 1e9)).toEqual(['model.gguf']);
  expect(names(null, 2000)).toEqual(['small.gguf']);
  expect(() => names('other.gguf', 1e9)).toThrow(/expected a file "other\.gguf"/);
  const folder = (...extra: string[]) => ['config.json', ...extra].map((name) => ({ ...files[0], name }));
  expect(names(null, 0, folder('model.safetensors', 'README.md'))).toEqual(['config.json', 'model.safetensors']);
  const sharded = [
    'model.safetensors.index.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
  ];
  expect(names(null, 0, folder('model.safetensors', ...sharded))).toEqual(['config.json', ...sharded]);
  expect(() => names(null, 0, folder('pytorch_model.bin'))).toThrow(
    /expected safetensors .*got config\.json, pytorch_model\.bin/,
  );
});

test('files come by a redirect to another origin, which gets no token', async () => {
  const secret = { ...asking, token: 'hf_secret' };
  const source = httpBytes('model.gguf', url(), gguf.length, secret);
  expect(await source.read(1000, 500)).toEqual(gguf.slice(1000, 1500));
  expect(hub.requests.map(({ server, range, hasToken }) => [server, range, hasToken])).toEqual([
    ['hub', 'bytes=1000-1499', true],
    ['cdn', 'bytes=1000-1499', false],
  ]);
});

test('a connection that breaks is taken up at the next byte', async () => {
  hub.cuts.push(70_000, 1, 100_000);
  expect(await collect()).toEqual(gguf);
  const ranges = hub.requests.filter(({ server }) => server === 'cdn').map(({ range }) => range);
  // How much of a cut body arrives is the network's affair; none is asked for again.
  expect(ranges[0]).toBeNull();
  expect(ranges.length).toBe(4);
  const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-$/.exec(range!)![1]));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(waits.length).toBe(3);
});

test('a server that knows no ranges begins at the beginning; what is here is skipped', async () => {
  hub.ranges = false;
  expect(await hasRanges(url(), asking)).toBe(false);
  expect(await collect(200_000)).toEqual(gguf.slice(200_000));
  const source = httpBytes('model.gguf', url(), gguf.length, asking);
  expect(await source.read(0, 24)).toEqual(gguf.slice(0, 24));
  await expect(source.read(24, 24)).rejects.toThrow(/got the whole file where a part of it was asked for/);
});

test('a part whose connection breaks is asked for again', async () => {
  hub.cuts.push(100);
  const source = httpBytes('model.gguf', url(), gguf.length, asking);
  expect(await source.read(1000, 5000)).toEqual(gguf.slice(1000, 6000));
});

test('a busy server is waited for, as long as it says', async () => {
  hub.faults.push({ status: 429, retryAfter: '3' }, { status: 503 });
  await listRepository(place(), asking);
  expect(waits).toEqual([3000, 1000]);
});

describe('said in a sentence', () => {
  test.each<[number, { status: number; retryAfter?: string }, RegExp]>([
    [401, { status: 401 }, /status 401: it does not know who asks.*private, gated, or does not exist/],
    [403, { status: 403 }, /status 403: this account may not read it.*accept its terms/],
    [404, { status: 404 }, /status 404: there is no such model, revision or file/],
    [429, { status: 429, retryAfter: '3600' }, /status 429: too many requests/],
  ])('%i', async (_, fault, sentence) => {
    hub.faults.push(fault);
    const listing = listRepository(place(), asking);
    await expect(listing).rejects.toThrow(sentence);
    await expect(listing).rejects.toBeInstanceOf(StudioError);
    expect(waits).toEqual([]);
  });

  test('a token that is not valid', async () => {
    hub.faults.push({ status: 401 });
    await expect(listRepository(place(), { ...asking, token: 'x' })).rejects.toThrow(/access token is not valid/);
  });

  test('a fault that stays', async () => {
    hub.faults.push(...Array.from({ length: 9 }, () => ({ status: 500 })));
    await expect(listRepository(place(), asking)).rejects.toThrow(/status 500.*a fault; try again later/);
    expect(waits).toEqual([500, 1000, 2000, 4000]);
  });

  test('nobody there, or nobody allowed to hear it', async () => {
    const silent = { ...asking, fetch: async () => Promise.reject(new TypeError('Failed to fetch')) };
    await expect(listRepository(place(), silent)).rejects.toThrow(/no answer \("Failed to fetch"\).*\(CORS\)/);
  });

  test('a host that answers with pages', async () => {
    const page = { ...asking, fetch: async () => new Response('<html>') };
    await expect(listRepository(place(), page)).rejects.toThrow(/an answer that is no JSON/);
  });

  test.each([
    [{ repo: 'my model' }, /expected a name like "owner\/name", got "my model"/],
    [{ repo: '../../etc' }, /expected a name like/],
    [{ host: 'http://hub.example' }, /expected an address that begins with https/],
    [{ host: 'javascript:alert(1)' }, /expected an address that begins with https/],
  ])('%o', (change, sentence) => {
    expect(() => checkPlace({ ...place(), ...change })).toThrow(sentence);
  });
});

test('broken off: nothing more is asked', async () => {
  const stop = new AbortController();
  const pieces = streamFile(url(), gguf.length, 0, { ...asking, signal: stop.signal });
  await pieces.next();
  stop.abort();
  await expect(
    (async () => {
      for await (const _ of pieces);
    })(),
  ).rejects.toThrow(/abort/i);
});
