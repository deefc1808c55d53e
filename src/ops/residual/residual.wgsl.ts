// The residual sum for `webgpu`, and tfjs' `Add` where it is one: sums of gradients. The backend folds them into the launches that
// make their terms (backend/webgpu/launch.ts).
import '@tensorflow/tfjs-backend-webgpu';
import { getKernel, type KernelFunc, registerKernel, type TensorInfo, unregisterKernel } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';

registerGpuKernel('Residual', (backend, { x, y }) => backend.sum(x, y));

const addAnything = getKernel('Add', 'webgpu')?.kernelFunc as KernelFunc;

unregisterKernel('Add', 'webgpu');
registerKernel({
  kernelName: 'Add',
  backendName: 'webgpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as Record<string, TensorInfo>;
    const isAlike = a.dtype === 'float32' && b.dtype === 'float32' && a.shape.join() === b.shape.join();
    return isAlike ? (backend as GpuBackend).sum(a, b) : addAnything({ inputs, attrs, backend });
  },
});
