// A model from a hub in a real browser: killed in the middle of a file it goes on there, then it needs no connection; without room it is
// read as it goes. Talks to the worker across the wall, as the page does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import type { Command } from '../src/protocol/commands';
import type { StudioEvent } from '../src/protocol/events';
import type { ModelSource } from '../src/protocol/models';
import { type FakeHub, startFakeHub } from '../src/worker/testing/fakeHub';

const fixture = join(import.meta.dirname, '..', 'src/models/fixtures/gguf/tiny-llama.gguf.gz');
const small = gunzipSync(readFileSync(fixture));
/** The small model with 6 MB behind its tensors: long enough to be killed on the way. */
const long = new Uint8Array(small.length + 6_000_000).map((_, i) => small[i] ?? (i * 31) & 255);

let hub: FakeHub;
test.beforeEach(async () => {
  hub = await startFakeHub({ files: new Map([['long.gguf', long]]), licence: 'mit' });
});
test.afterEach(() => hub.close());

type Talk = { post(command: Command): void; until(types: string[], most?: number): Promise<StudioEvent>; end(): void };

/** Opens the page and gives it `window.talk()`: a worker of its own, driven by the test. */
async function openPage(page: Page): Promise<void> {
  const started = page.waitForEvent('worker');
  await page.goto('/');
  const url = (await started).url();
  await page.evaluate((address) => {
    const talk = () => {
      const worker = new Worker(address, { type: 'module' });
      const heard: { type: string; loadedBytes?: number }[] = [];
      let wake = () => {};
      worker.onmessage = ({ data }) => {
        heard.push(data);
        wake();
      };
      return {
        post: (command: object) => worker.postMessage(command),
        async until(types: string[], most = 0) {
          for (;;) {
            const event = heard.shift();
            if (event && types.includes(event.type) && (event.loadedBytes ?? most) >= most) return event;
            if (!event) await new Promise<void>((resolve) => (wake = resolve));
          }
        },
        end: () => worker.terminate(),
      };
    };
    Object.assign(window, { talk });
  }, url);
}

const place = () => ({ host: hub.host, repo: hub.repo, revision: 'main', file: 'long.gguf' });
const source = (): ModelSource => ({ kind: 'hub', place: place(), token: null });

/** Loads in a fresh worker. @param killAt terminates it once so many bytes are there; null = waits for the end */
function load(page: Page, from: ModelSource, killAt: number | null): Promise<StudioEvent> {
  return page.evaluate(
    async ([model, most]) => {
      const { post, until, end } = (window as unknown as { talk(): Talk }).talk();
      post({ type: 'engine.start', backend: 'simd', threads: 1 });
      await until(['engine.started']);
      post({ type: 'model.load', source: model });
      const ends = ['model.loaded', 'model.failed'];
      const event = await until(most === null ? ends : [...ends, 'model.progressed'], most ?? 0);
      end();
      return event;
    },
    [from, killAt] as const,
  );
}

function ask(page: Page, command: Command, answer: string[]): Promise<StudioEvent> {
  return page.evaluate(
    async ([said, types]) => {
      const { post, until, end } = (window as unknown as { talk(): Talk }).talk();
      post(said);
      const event = await until(types);
      end();
      return event;
    },
    [command, answer] as const,
  );
}

test('killed in the middle of a file, it goes on there; then it needs no connection', async ({ page }) => {
  await openPage(page);
  hub.pace = { bytes: 65_536, everyMs: 10 };
  const killAt = Math.floor(long.length * (0.2 + 0.4 * Math.random()));
  expect(await load(page, source(), killAt)).toMatchObject({ type: 'model.progressed', phase: 'fetching' });
  const listed = await ask(page, { type: 'models.list' }, ['models.listed']);
  if (listed.type !== 'models.listed') throw new Error('expected models.listed');
  const [{ id, keptBytes, licence }] = listed.models;
  expect(licence).toBe('mit');
  expect(keptBytes).toBeGreaterThanOrEqual(killAt);
  expect(keptBytes).toBeLessThan(long.length);

  hub.pace = null;
  hub.requests.length = 0;
  const estimated = await ask(page, { type: 'model.estimate', requestId: 1, source: source() }, ['model.estimated']);
  expect(estimated).toMatchObject({ estimate: { fetchBytes: long.length - keptBytes, obstacle: null, name: 'long' } });
  hub.requests.length = 0;
  // Content that does not have the announced SHA-256 would be refused.
  expect(await load(page, source(), null)).toMatchObject({ type: 'model.loaded', kept: 'kept', architecture: 'llama' });
  expect(hub.requests.filter(({ server }) => server === 'cdn').map(({ range }) => range)).toEqual([
    `bytes=${keptBytes}-`,
  ]);

  await hub.close();
  expect(await load(page, { kind: 'cached', id }, null)).toMatchObject({ type: 'model.loaded', name: 'long', id });
  expect(await load(page, source(), null)).toMatchObject({ type: 'model.loaded', kept: 'kept' });
  const after = await ask(page, { type: 'models.delete', id }, ['models.listed', 'models.failed']);
  expect(after).toEqual({ type: 'models.listed', models: [] });
});

test('without room it is read as it goes, and said; a host that says no is explained', async ({ page, baseURL }) => {
  await openPage(page);
  // What the browser says is granted stays at 10 GB: the disk is found full on the way.
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(baseURL ?? '').origin, quotaSize: 2_000_000 });
  expect(await load(page, source(), null)).toMatchObject({ type: 'model.loaded', kept: 'refused', name: 'long' });
  expect(await ask(page, { type: 'models.list' }, ['models.listed'])).toEqual({ type: 'models.listed', models: [] });

  hub.faults.push({ status: 403 });
  expect(await load(page, source(), null)).toMatchObject({
    type: 'model.failed',
    error: { kind: 'model', message: expect.stringContaining('status 403: this account may not read it') },
  });
  hub.cors = false;
  const silent = await ask(page, { type: 'model.estimate', requestId: 2, source: source() }, ['model.unestimated']);
  expect(silent).toMatchObject({ error: { message: expect.stringContaining('(CORS)') } });
});
