// The page's end of the wall: posts commands, hears events, and notices when the worker is gone.
// A worker that dies (closed, crashed, out of memory) sends nothing, so it holds a Web Lock while it lives; the
// page queues for the same lock and is served the moment the worker is gone, whatever the reason.
import type { Command } from './commands';
import type { StudioEvent } from './events';

export interface WorkerPort {
  post(command: Command, transfer?: Transferable[]): void;
  /** Returns a function that unsubscribes. */
  onEvent(listener: (event: StudioEvent) => void): () => void;
  /** Replaces a dead (or living) worker by a fresh one; commands posted before are lost. */
  restart(): void;
}

/** First message of a worker that has loaded; everything after it is a StudioEvent. */
export interface WorkerReady {
  type: 'worker.ready';
  /** Held until the worker dies. */
  lock: string;
}

const goneSentence =
  'worker: expected it to keep running, it stopped without a word (closed by the browser, or out of memory). ' +
  'Start it again; a stored run continues from its last checkpoint.';

/** @param spawn starts the worker; called once now and once per restart. */
export function createWorkerPort(spawn: () => Worker): WorkerPort {
  const listeners = new Set<(event: StudioEvent) => void>();
  const emit = (event: StudioEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  let worker: Worker;
  let generation = 0;

  function start(): void {
    const mine = ++generation;
    const fail = (message: string) => {
      if (mine !== generation) return;
      generation++;
      worker.terminate();
      emit({ type: 'worker.failed', error: { kind: 'internal', message } });
    };
    worker = spawn();
    worker.onmessage = (message: MessageEvent<StudioEvent | WorkerReady>) => {
      if (mine !== generation) return;
      if (message.data.type !== 'worker.ready') emit(message.data);
      else void navigator.locks?.request(message.data.lock, () => fail(goneSentence));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(
        `worker: expected it to start and run, got "${event.message || 'a file that could not be loaded'}". Start it again, or reload the page.`,
      );
    };
  }

  start();
  return {
    post: (command, transfer = []) => worker.postMessage(command, transfer),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restart() {
      worker.terminate();
      start();
    },
  };
}
