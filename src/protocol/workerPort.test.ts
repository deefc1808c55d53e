// The page's end of the wall on a worker that is played by hand: events, a silent death, a fault, a restart.
import { beforeEach, expect, test, vi } from 'vitest';
import type { StudioEvent } from './events';
import { createWorkerPort } from './workerPort';

/** A worker that the test speaks for. */
class PlayedWorker extends EventTarget implements Worker {
  onmessage: ((this: Worker, event: MessageEvent) => unknown) | null = null;
  onmessageerror = null;
  onerror: ((this: AbstractWorker, event: ErrorEvent) => unknown) | null = null;
  received: unknown[] = [];
  terminated = false;

  postMessage(message: unknown): void {
    this.received.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  says(data: unknown): void {
    this.onmessage?.call(this, new MessageEvent('message', { data }));
  }
}

let workers: PlayedWorker[];
let waiting: Map<string, () => void>;

beforeEach(() => {
  workers = [];
  waiting = new Map();
  const locks = { request: (name: string, granted: () => void) => waiting.set(name, granted) };
  vi.stubGlobal('navigator', { locks });
});

function open() {
  const events: StudioEvent[] = [];
  const port = createWorkerPort(() => {
    workers.push(new PlayedWorker());
    return workers[workers.length - 1];
  });
  const silence = port.onEvent((event) => events.push(event));
  return { port, events, silence };
}

test('commands go to the worker, events come from it, until one unsubscribes', () => {
  const { port, events, silence } = open();
  port.post({ type: 'run.pause' });
  expect(workers[0].received).toEqual([{ type: 'run.pause' }]);
  workers[0].says({ type: 'engine.lost', reason: 'a test' });
  silence();
  workers[0].says({ type: 'engine.lost', reason: 'another' });
  expect(events).toEqual([{ type: 'engine.lost', reason: 'a test' }]);
});

test('a worker that dies in silence is noticed by its lock, once', () => {
  const { events } = open();
  workers[0].says({ type: 'worker.ready', lock: 'lock-1' });
  expect(events).toEqual([]);
  waiting.get('lock-1')?.();
  waiting.get('lock-1')?.();
  expect(events).toMatchObject([{ type: 'worker.failed', error: { kind: 'internal' } }]);
  expect(workers[0].terminated).toBe(true);
});

test('after a restart the old worker is not heard any more', () => {
  const { port, events } = open();
  workers[0].says({ type: 'worker.ready', lock: 'lock-1' });
  port.restart();
  expect(workers).toHaveLength(2);
  waiting.get('lock-1')?.();
  workers[0].says({ type: 'engine.lost', reason: 'a ghost' });
  expect(events).toEqual([]);
  port.post({ type: 'run.stop' });
  expect(workers[1].received).toEqual([{ type: 'run.stop' }]);
});

test('a worker file that cannot be loaded is one sentence', () => {
  const { events } = open();
  workers[0].onerror?.(Object.assign(new Event('error'), { message: '' }) as ErrorEvent);
  expect(events).toMatchObject([{ type: 'worker.failed' }]);
  const [event] = events;
  expect(event.type === 'worker.failed' && event.error.message).toContain('could not be loaded');
});
