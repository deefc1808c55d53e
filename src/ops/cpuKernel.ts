// Lets a float64 reference function stand as a kernel of tfjs' `cpu` backend, so that the whole model can run on the
// truth. References are plain functions over plain tensors: they know nothing of tfjs, and tests call them directly.

import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type NamedAttrMap, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

/** Row-major. Floating point values are float64, indices int32. */
export interface PlainTensor<D extends Float64Array | Int32Array = Float64Array | Int32Array> {
  shape: number[];
  data: D;
}
export type FloatTensor = PlainTensor<Float64Array>;
export type IndexTensor = PlainTensor<Int32Array>;

export function floats(shape: number[], data: ArrayLike<number> | null = null): FloatTensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, data: data ? Float64Array.from(data) : new Float64Array(size) };
}

export function indices(shape: number[], data: ArrayLike<number>): IndexTensor {
  return { shape, data: Int32Array.from(data) };
}

/** What a reference finds its inputs in: `f` by name as floats, `i` by name as indices. */
export interface ReferenceInputs {
  names: string[];
  f(name: string): FloatTensor;
  i(name: string): IndexTensor;
}

export type ReferenceKernel<Attrs> = (inputs: ReferenceInputs, attrs: Attrs) => PlainTensor | PlainTensor[];

/**
 * @param changes for kernels that work in place: which of the inputs' names the reference writes to
 */
export function registerCpuKernel<Attrs>(
  kernelName: string,
  reference: ReferenceKernel<Attrs>,
  changes: (names: string[]) => string[] = () => [],
): void {
  registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const cpu = backend as MathBackendCPU;
      const plain = new Map<string, FloatTensor>();
      const named = inputs as Record<string, TensorInfo>;
      const valuesOf = (name: string) => {
        if (!(name in named)) throw new Error(`${kernelName}: expected an input "${name}", got ${Object.keys(named)}.`);
        return cpu.data.get(named[name].dataId).values as Float32Array | Int32Array;
      };
      const result = reference(
        {
          names: Object.keys(named),
          f: (name) => {
            const known = plain.get(name) ?? floats(named[name]?.shape ?? [], valuesOf(name));
            plain.set(name, known);
            return known;
          },
          i: (name) => ({ shape: named[name]?.shape ?? [], data: valuesOf(name) as Int32Array }),
        },
        (attrs ?? {}) as NamedAttrMap & Attrs,
      );
      for (const name of changes(Object.keys(named))) {
        const changed = plain.get(name);
        if (changed) valuesOf(name).set(changed.data);
      }
      const toInfo = ({ shape, data }: PlainTensor) =>
        data instanceof Int32Array
          ? cpu.makeTensorInfo(shape, 'int32', data)
          : cpu.makeTensorInfo(shape, 'float32', Float32Array.from(data));
      return Array.isArray(result) ? result.map(toInfo) : toInfo(result);
    },
  });
}
