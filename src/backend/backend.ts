// Picks the backend at start-up: `webgpu` on a real GPU, else `simd`; what was chosen by hand is tried first. The GPU part is
// loaded only when it is used. Says what was taken and why, in the words of the event `engine.started`.
import type { BackendName, StudioEvent } from '../protocol/events';
import { simdBackend, startSimd, stopSimd } from './simd/simd';
import { adapterDescription, describeAdapter, findAdapter, isSoftwareAdapter } from './webgpu/gpuAdapter';

/** The fields of `engine.started`. */
export type BackendChoice = Omit<Extract<StudioEvent, { type: 'engine.started' }>, 'type'>;

export interface BackendOptions {
  /** Threads of `simd`; null: as many as are good. */
  threads?: number | null;
  /** The GPU device went away; everything on it is gone. Choose again to start anew. */
  onLost?: (reason: string) => void;
}

let gpu: typeof import('./webgpu/webgpu') | null = null;

/** Starts the backend and makes it tfjs' current one. A backend started before is stopped, its tensors are gone. */
export async function chooseBackend(
  wanted: BackendName | 'auto',
  options: BackendOptions = {},
): Promise<BackendChoice> {
  if (wanted === 'simd') return startCpu('chosen', null, options);
  const found = await findAdapter();
  if (!found) return startCpu('no_webgpu', null, options);
  const description = adapterDescription(found);
  const adapter = describeAdapter(description);
  if (wanted === 'auto' && isSoftwareAdapter(description)) return startCpu('software_adapter', adapter, options);
  try {
    gpu ??= await import('./webgpu/webgpu');
    await gpu.startWebgpu({ onLost: options.onLost });
  } catch (error) {
    console.warn(error);
    return startCpu('webgpu_failed', adapter, options);
  }
  stopSimd();
  return {
    backend: 'webgpu',
    reason: wanted === 'auto' ? 'hardware_adapter' : 'chosen',
    adapter,
    threads: 1,
    isolated: globalThis.crossOriginIsolated === true,
    relaxedSimd: false,
  };
}

async function startCpu(
  reason: BackendChoice['reason'],
  adapter: string | null,
  { threads }: BackendOptions,
): Promise<BackendChoice> {
  const info = await startSimd({ threads });
  gpu?.stopWebgpu();
  return { backend: 'simd', reason, adapter, ...info };
}

/** Bytes that the tensors of the running `simd` backend took at their most. */
export function mostMemoryHeld(): number {
  return simdBackend().statistics().peakBytes;
}

/** Destroys the GPU device on purpose: for tests and the self-test of what happens then. */
export function loseDevice(): void {
  if (!gpu) throw new Error('loseDevice: expected the webgpu backend to run, it was never started. Choose it first.');
  gpu.loseDevice();
}

/** Could the running `webgpu` backend hold so many bytes more? @param largest of one tensor */
export async function hasRoomFor(bytes: number, largest: number): Promise<boolean> {
  if (!gpu) throw new Error('hasRoomFor: expected the webgpu backend to run, it was never started. Choose it first.');
  return gpu.webgpuBackend().pool.hasRoomFor(bytes, largest);
}
