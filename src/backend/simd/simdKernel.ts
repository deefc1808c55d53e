// How an op puts its kernel on `simd`: one line per kernel name, with the inputs by name.
import { type NamedAttrMap, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from './simdBackend';

/** `inputs` by the names that the op's public function uses; attributes as it passes them. */
export type SimdKernel<Attrs> = (
  backend: SimdBackend,
  inputs: Record<string, TensorInfo>,
  attrs: Attrs,
) => TensorInfo | TensorInfo[];

export function registerSimdKernel<Attrs = NamedAttrMap>(kernelName: string, kernel: SimdKernel<Attrs>): void {
  registerKernel({
    kernelName,
    backendName: 'simd',
    kernelFunc: ({ inputs, attrs, backend }) => {
      try {
        return kernel(backend as SimdBackend, inputs as Record<string, TensorInfo>, attrs as Attrs);
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        const shapes = Object.entries(inputs).map(([name, input]) => `${name} [${(input as TensorInfo).shape}]`);
        throw new Error(
          `simd, ${kernelName}: expected the kernel to finish, it stopped with "${error.message}" (${shapes.join(', ')}). The engine has to be started again.`,
        );
      }
    },
  });
}
