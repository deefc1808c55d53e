// AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) over many tensors at once, with global-norm clipping first, in place:
// the kernel `AdamW` changes params, m and v and returns [gradNorm, clipFactor] (gradNorm before clipping).
// As torch: clip = min(1, maxNorm / (norm + 1e-6)); p −= lr·wd·p; p −= lr · m̂ / (sqrt(v̂) + eps).
// A gradient norm that is not finite leaves everything unchanged (and is returned, so that the caller sees it).
// 9 × tfjs' own Adam on stock tfjs-wasm, which neither decays nor clips (npm run bench -- ops; 2 cores, 2026-11-21).
import { engine, type NamedTensorMap, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

export interface AdamWAttrs {
  learningRate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** 0 = no clipping. */
  maxNorm: number;
  /** 1 for the first update: bias correction. */
  step: number;
}

/** params, grads, m, v: lists of the same length and shapes. Kernel inputs: the four lists one behind the other. @returns [2] */
export function adamW(params: Tensor[], grads: Tensor[], m: Tensor[], v: Tensor[], attrs: AdamWAttrs): Tensor1D {
  if (params.length !== grads.length || params.length !== m.length || params.length !== v.length) {
    throw new RangeError(
      `adamW: expected lists of one length, got ${params.length}, ${grads.length}, ${m.length}, ${v.length}.`,
    );
  }
  const inputs = [...params, ...grads, ...m, ...v] as unknown as NamedTensorMap;
  return engine().runKernel('AdamW', inputs, { ...attrs });
}
