// What an error means on a device that is going away: the error and the news of the loss come in either order.
import { beforeEach, expect, test, vi } from 'vitest';
import type { StudioEvent } from '../protocol/events';
import { Engine } from './engine';

const device = vi.hoisted(() => ({ goAway: (_reason: string) => {} }));
vi.mock('../backend/backend', () => ({
  chooseBackend: async (backend: string, { onLost }: { onLost: (reason: string) => void }) => {
    device.goAway = onLost;
    return { backend };
  },
  loseDevice: () => device.goAway('destroyed'),
}));
vi.mock('../ops/registerSimd', () => ({}));
vi.mock('../ops/registerWebgpu', () => ({}));

const brokenRead = () => new DOMException('Buffer was unmapped before mapping was resolved.', 'AbortError');
let events: StudioEvent[];
let engine: Engine;

beforeEach(async () => {
  events = [];
  engine = new Engine(
    (event) => events.push(event),
    () => {},
  );
  await engine.start({ type: 'engine.start', backend: 'webgpu', threads: null });
});

test('a read that broke off waits for late news of the loss, once the page was told', async () => {
  vi.useFakeTimers();
  try {
    const explained = engine.explain(brokenRead());
    await vi.advanceTimersByTimeAsync(20_000);
    engine.loseOnPurpose();
    expect(await explained).toMatchObject({ kind: 'device' });
    expect(events.map(({ type }) => type)).toEqual(['engine.started', 'engine.lost']);
  } finally {
    vi.useRealTimers();
  }
});

test('a read that broke off on a device that stays is our fault', async () => {
  vi.useFakeTimers();
  try {
    const explained = engine.explain(brokenRead());
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await explained).toMatchObject({ kind: 'internal' });
  } finally {
    vi.useRealTimers();
  }
});

test('after the loss every fault is the loss, even while the engine starts again', async () => {
  engine.loseOnPurpose();
  const restarting = engine.restart();
  expect(await engine.explain(new Error('tensor is disposed'))).toMatchObject({ kind: 'device' });
  await restarting;
  expect(events.at(-1)?.type).toBe('engine.started');
});
