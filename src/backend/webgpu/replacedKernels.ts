// Kernels of tfjs that training asks for between ours, as launches like ours: sums of gradients, which disappear into the launches that
// make their terms, and gradients of zero for outputs that lead nowhere, which disappear when nobody reads them (launch.ts). tfjs' own
// would be encoded at once and cut the launches around them into lists too short to share dispatches.
import '@tensorflow/tfjs-backend-webgpu';
import {
  type FillAttrs,
  getKernel,
  type KernelFunc,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import type { GpuBackend } from './gpuBackend';

/** Puts a kernel before tfjs' own, which it may hand on to. */
function replace(kernelName: string, kernel: (own: KernelFunc) => KernelFunc): void {
  const own = getKernel(kernelName, 'webgpu')?.kernelFunc;
  if (!own) throw new Error(`webgpu: expected tfjs to have a kernel ${kernelName}. Install the pinned version.`);
  unregisterKernel(kernelName, 'webgpu');
  registerKernel({ kernelName, backendName: 'webgpu', kernelFunc: kernel(own) });
}

replace('Add', (own) => ({ inputs, attrs, backend }) => {
  const { a, b } = inputs as Record<string, TensorInfo>;
  const isAlike = a.dtype === 'float32' && b.dtype === 'float32' && a.shape.join() === b.shape.join();
  return isAlike ? (backend as GpuBackend).sum(a, b) : own({ inputs, attrs, backend });
});

replace('Fill', (own) => ({ inputs, attrs, backend }) => {
  const { shape, value, dtype } = attrs as unknown as FillAttrs;
  const isFloat = typeof value === 'number' && (dtype === undefined || dtype === 'float32');
  return isFloat ? (backend as GpuBackend).fill(shape, value) : own({ inputs, attrs, backend });
});
