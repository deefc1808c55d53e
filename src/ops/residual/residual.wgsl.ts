// The residual sum for `webgpu`: tfjs' own kernel for a sum.
import '@tensorflow/tfjs-backend-webgpu';
import { getKernel, type KernelFunc, registerKernel } from '@tensorflow/tfjs-core';

const addKernel = getKernel('Add', 'webgpu')?.kernelFunc as KernelFunc;

registerKernel({
  kernelName: 'Residual',
  backendName: 'webgpu',
  kernelFunc: ({ inputs: { x, y }, attrs, backend }) => addKernel({ inputs: { a: x, b: y }, attrs, backend }),
});
