// How an op puts its kernel on `webgpu`: one line per kernel name, with the inputs by name.
import { type NamedAttrMap, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from './gpuBackend';

/** `inputs` by the names that the op's public function uses; attributes as it passes them. */
export type GpuKernel<Attrs> = (
  backend: GpuBackend,
  inputs: Record<string, TensorInfo>,
  attrs: Attrs,
) => TensorInfo | TensorInfo[];

export function registerGpuKernel<Attrs = NamedAttrMap>(kernelName: string, kernel: GpuKernel<Attrs>): void {
  registerKernel({
    kernelName,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel(backend as GpuBackend, inputs as Record<string, TensorInfo>, attrs as Attrs),
  });
}
