// Starts the `webgpu` backend: our subclass instead of tfjs' own registration, with the features and limits our kernels
// can use. The same in a page, in a worker and (tests) in Node with Dawn.
import { env, findBackendFactory, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { adapterDescription, describeAdapter, findAdapter } from './gpuAdapter';
import { GpuBackend } from './gpuBackend';

export interface WebgpuOptions {
  /** Called once when the device goes away for any reason but `stopWebgpu`; tensors on it are gone. */
  onLost?: (reason: string) => void;
}

export interface WebgpuInfo {
  /** Of people's interest: vendor and name of the GPU. */
  adapter: string;
}

const wantedFeatures: GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query', 'bgra8unorm-storage'];

/** Asked for as high as the adapter goes; the defaults are the lowest common denominator of phones. */
const raisedLimits = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
] as const;

let started: { backend: GpuBackend; options: WebgpuOptions } | null = null;

/** Registers and selects the backend; one that was started before is disposed of, with all its tensors. */
export async function startWebgpu(options: WebgpuOptions = {}): Promise<WebgpuInfo> {
  // An adapter gives one device only, so every start asks for a fresh one.
  const adapter = await findAdapter();
  if (!adapter) {
    throw new Error('webgpu: expected a GPU adapter, the browser gave none. Choose the simd backend.');
  }
  const device = await adapter.requestDevice({
    label: 'second thought',
    requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]])),
  });
  stopWebgpu();
  env().set('WEBGPU_CPU_FORWARD', false);
  // In launches as they are asked for, about twice the dispatches they become: fewer submits, hardly more memory (released buffers
  // wait for the submit).
  env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', 128);
  const backend = new GpuBackend(device, adapter.info);
  started = { backend, options };
  void device.lost.then(({ reason, message }) => {
    if (!backend.closing) options.onLost?.(message || reason);
  });
  registerBackend('webgpu', () => backend, 5);
  if (!(await setBackend('webgpu'))) {
    throw new Error('webgpu: expected tfjs to take the backend, it did not. Choose the simd backend.');
  }
  return { adapter: describeAdapter(adapterDescription(adapter)) };
}

/** After a loss: a fresh device and backend with the same options. Tensors must be made anew. */
export async function restartWebgpu(): Promise<WebgpuInfo> {
  if (!started) throw new Error('webgpu: expected a backend to restart, but startWebgpu has not been called.');
  return startWebgpu(started.options);
}

/** Lets the device go and forgets the backend (also the one tfjs registers by itself). */
export function stopWebgpu(): void {
  // tfjs disposes of a running backend while removing it.
  if (findBackendFactory('webgpu')) removeBackend('webgpu');
  started?.backend.dispose();
  started = null;
}

/** Destroys the device on purpose, as a driver reset would: `onLost` is called. */
export function loseDevice(): void {
  webgpuBackend().device.destroy();
}

/** The running backend. */
export function webgpuBackend(): GpuBackend {
  if (!started) throw new Error('webgpu: expected a started backend, but startWebgpu has not been called.');
  return started.backend;
}
