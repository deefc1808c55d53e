// Starts the helper threads of `simd`: worker_threads in Node, module workers in the browser. A thread that cannot start
// is left out. Work is handed out inside WASM (parallel.as.ts), never by messages.
import type { ThreadStart } from './threadMessage';

/** Milliseconds until a thread that has not answered is given up. */
const PATIENCE = 10_000;

/** The same few lines as thread.ts, for Node, where a worker is started from source. */
const NODE_SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { module, memory, id } = workerData;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
parentPort.postMessage('ready');
try {
  exports.threadLoop(id);
} catch (error) {
  Atomics.store(new Int32Array(memory.buffer), exports.faultAddress.value / 4, 1);
  throw error;
}`;

export interface HelperThread {
  terminate(): void;
}

export const isNode = typeof process !== 'undefined' && Boolean(process.versions?.node);

async function startNodeThread(start: ThreadStart): Promise<HelperThread> {
  const { Worker } = await importNode<typeof import('node:worker_threads')>('worker_threads');
  const worker = new Worker(NODE_SOURCE, { eval: true, workerData: start });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  // A process whose work is done ends although its helpers still wait.
  worker.unref();
  return { terminate: () => void worker.terminate() };
}

function startBrowserThread(start: ThreadStart): Promise<HelperThread> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { type: 'module', name: `simd ${start.id}` });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), PATIENCE);
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve({ terminate: () => worker.terminate() });
    };
    worker.onerror = () => {
      clearTimeout(timer);
      worker.terminate();
      reject(new Error('could not start'));
    };
    worker.postMessage(start);
  });
}

/** Node's own modules, by a name that a bundler for the browser does not see. */
export function importNode<M>(name: string): Promise<M> {
  const specifier = `node:${name}`;
  return import(/* @vite-ignore */ specifier);
}

/** @returns the helpers that did start, at most `count`; their ids are 1 … without gaps in use (a failed id is skipped) */
export async function startThreads(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  count: number,
): Promise<HelperThread[]> {
  const start = isNode ? startNodeThread : startBrowserThread;
  const starting = Array.from({ length: count }, (_, i) => start({ module, memory, id: i + 1 }));
  const settled = await Promise.allSettled(starting);
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
