// Starts the `simd` backend: compiles the better of the two binaries, makes the shared memory, starts the helper threads
// and makes the backend the one tfjs uses. The same in Node, in tests and in a worker of the page.
import { registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import './storageKernels';
import { SimdBackend } from './simdBackend';
import { importNode, isNode, startThreads } from './threads';
import { canShareMemory, hasRelaxedSimd, hasSimd } from './wasmFeatures';

export interface SimdOptions {
  /** Threads that compute, the caller included. Default: all cores, at most 8. */
  threads?: number | null;
  /** false: the plain binary even where relaxed SIMD is present. */
  relaxed?: boolean;
}

export interface SimdInfo {
  threads: number;
  relaxedSimd: boolean;
  /** Whether memory may be shared between threads here. */
  isolated: boolean;
}

const MOST_THREADS = 8;
/** Pages of 64 KiB: 4 GiB, or as much of it as this system lets one reserve. */
const MAXIMUM_PAGES = [65536, 32768, 16384, 8192];
/** 16 MiB to begin with. */
const INITIAL_PAGES = 256;
/** The kernels' own part of the memory: control block and constants, all below. */
const HEAP_START = 65536;

let started: SimdBackend | null = null;

/** Registers and selects the backend; a backend that was started before is disposed of. */
export async function startSimd(options: SimdOptions = {}): Promise<SimdInfo> {
  if (isNode) await enableRelaxedSimdInNode();
  if (!hasSimd()) {
    throw new Error('simd: expected WebAssembly with 128-bit SIMD, but this browser has none. Use a current browser.');
  }
  const relaxedSimd = options.relaxed !== false && hasRelaxedSimd();
  const module = await compileBinary(relaxedSimd);
  const memory = createMemory();
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const isolated = canShareMemory();
  const wanted = options.threads ?? Math.min(await coreCount(), MOST_THREADS);
  const helpers = isolated && wanted > 1 ? await startThreads(module, memory, wanted - 1) : [];
  stopSimd();
  const backend = new SimdBackend(instance.exports, memory, HEAP_START, helpers, Math.max(1, wanted));
  started = backend;
  registerBackend('simd', () => backend, 10);
  await setBackend('simd');
  return { threads: backend.threads, relaxedSimd, isolated };
}

/** Ends the helper threads and forgets the backend; its tensors are gone. */
export function stopSimd(): void {
  if (!started) return;
  // tfjs disposes of the backend while removing it.
  removeBackend('simd');
  started = null;
}

/** The running backend, for statistics. */
export function simdBackend(): SimdBackend {
  if (!started) throw new Error('simd: expected a started backend, but startSimd has not been called.');
  return started;
}

/** Node 20 hides relaxed SIMD behind a flag that has to be set before the first compilation. */
async function enableRelaxedSimdInNode(): Promise<void> {
  const { setFlagsFromString } = await importNode<typeof import('node:v8')>('v8');
  if (!hasRelaxedSimd()) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

async function coreCount(): Promise<number> {
  if (!isNode) return navigator.hardwareConcurrency || 1;
  return (await importNode<typeof import('node:os')>('os')).availableParallelism();
}

async function compileBinary(relaxed: boolean): Promise<WebAssembly.Module> {
  const url = relaxed ? new URL('./wasm/relaxed.wasm', import.meta.url) : new URL('./wasm/plain.wasm', import.meta.url);
  if (isNode) {
    const { readFile } = await importNode<typeof import('node:fs/promises')>('fs/promises');
    const bytes = await readFile(url).catch(() => {
      throw new Error(
        `simd: expected the compiled kernels at ${url.pathname}, found none. Run "npm run build:kernels".`,
      );
    });
    return WebAssembly.compile(new Uint8Array(bytes));
  }
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(
      `simd: expected the kernels at ${url.href}, the server answered ${response.status}. Reload the page.`,
    );
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

function createMemory(): WebAssembly.Memory {
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
    } catch {
      // This much address space is not to be had; ask for less.
    }
  }
  throw new Error('simd: expected 512 MiB of address space for the memory, the system gave none. Close other tabs.');
}
