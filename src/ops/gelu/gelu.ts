// GELU (Hendrycks & Gimpel 2016, arXiv 1606.08415): x·Φ(x), Φ the normal distribution's; exact with erf (GPT-NeoX), or by tanh (GPT-2's
// `gelu_new`, Gemma's `gelu_pytorch_tanh`): x·½(1 + tanh(√(2/π)(x + 0.044715x³))). GeGLU (Shazeer 2020, arXiv 2002.05202) is gelu(gate)·up.
// Kernels `Gelu`, `GeluGrad`, `GeGlu`, `GeGluGrad` → [dgate, dup]. They save memory: the composition keeps eight tensors of the size of x
// for the backward pass, these keep their inputs. tfjs on `simd` would run it one operation at a time on one thread.
import { engine, registerGradient, type Tensor } from '@tensorflow/tfjs-core';

export type GeluForm = 'erf' | 'tanh';

export interface GeluAttrs {
  form: GeluForm;
}

export function gelu<T extends Tensor>(x: T, form: GeluForm): T {
  return engine().runKernel('Gelu', { x }, { form });
}

/** @param gate [N, F] @param up [N, F] @returns [N, F] */
export function geglu<T extends Tensor>(gate: T, up: T, form: GeluForm): T {
  if (gate.shape.join() !== up.shape.join())
    throw new RangeError(`geglu: expected two equal shapes, got [${gate.shape}] and [${up.shape}].`);
  return engine().runKernel('GeGlu', { gate, up }, { form });
}

registerGradient({
  kernelName: 'Gelu',
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attrs) => ({ x: () => engine().runKernel('GeluGrad', { x, dy: dy as Tensor }, attrs) as Tensor }),
});

registerGradient({
  kernelName: 'GeGlu',
  inputsToSave: ['gate', 'up'],
  gradFunc: (dy, [gate, up], attrs) => {
    const [dgate, dup] = engine().runKernel('GeGluGrad', { gate, up, dy: dy as Tensor }, attrs) as unknown as Tensor[];
    return { gate: () => dgate.clone(), up: () => dup.clone() };
  },
});
