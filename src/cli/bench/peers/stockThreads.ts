// Lets stock tfjs-backend-wasm use its threaded binary in Node, where it is switched off because its workers are started
// from blob addresses that Node's workers cannot open: the blobs are written to files instead. Must be called before the
// backend is initialised. How many threads it then takes is its own rule (at most half of the cores).
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { env } from '@tensorflow/tfjs';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';

/** Names that the code has in its bundle and misses in a file of its own. */
const PREAMBLE = `
URL.createObjectURL = (file) => String(file);
['fs', 'path', 'worker_threads', 'perf_hooks', 'os'].forEach((name, i) => { globalThis['require$$' + i] = require(name); });
globalThis.commonjsGlobal = globalThis;
`;

export function allowThreadsInNode(threads: number): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'stock-tfjs-'));
  let count = 0;
  class FileInsteadOfBlob extends String {
    constructor(parts: string[]) {
      const file = path.join(folder, `${count++}.cjs`);
      writeFileSync(file, PREAMBLE + parts.join(''));
      super(file);
    }
  }
  Object.assign(globalThis, { Blob: FileInsteadOfBlob });
  URL.createObjectURL = (file: unknown) => String(file);
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
  setThreadsCount(threads);
}
