// Lets jax-js use its threads in Node: it starts them as web workers from a blob address, as in a browser. Must be called
// before it is imported. It takes as many workers as the machine has cores; `threads` says how many that is here.
import { Worker as NodeWorker } from 'node:worker_threads';

const PREAMBLE = `
const { parentPort } = require('node:worker_threads');
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on('message', (data) => globalThis.onmessage({ data }));
`;

class Text {
  readonly text: string;
  constructor(parts: string[]) {
    this.text = parts.join('');
  }
}

class WorkerOfText {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;
  private readonly worker: NodeWorker;
  constructor(text: string) {
    this.worker = new NodeWorker(PREAMBLE + text, { eval: true });
    this.worker.on('message', (data) => this.onmessage?.({ data }));
    this.worker.on('error', (error) => this.onerror?.(error));
  }
  postMessage(message: unknown): void {
    this.worker.postMessage(message);
  }
}

export function giveWebWorkers(threads: number): void {
  Object.assign(globalThis, { Blob: Text, Worker: WorkerOfText });
  URL.createObjectURL = (text: unknown) => (text as Text).text;
  URL.revokeObjectURL = () => {};
  const value = { hardwareConcurrency: threads, userAgent: 'node' };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
}
