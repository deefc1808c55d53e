// A linear layer with an optional low-rank path: y = x·Wᵀ (+ bias) (+ scale·(x·Aᵀ)·Bᵀ).
// W, A and B keep the layout of the checkpoint ([out, in], [r, in], [out, r]); ΔW = B·A is never materialised
// (Hu et al. 2021, arXiv 2106.09685). Kernels: `Linear`, `LinearBias`, `LinearLora`, `LinearBiasLora`, `LinearGradInput`.
import {
  engine,
  type NamedAttrMap,
  registerGradient,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { gemm } from '../gemm/gemm';

export interface LoraWeights {
  /** [r, in] */
  a: Tensor2D;
  /** [out, r] */
  b: Tensor2D;
  /** alpha / r */
  scale: number;
}

/**
 * @param x [N, in] (callers flatten batch and time)
 * @param w [out, in]
 * @returns [N, out]
 * Kernel outputs: `Linear`/`LinearBias` → [y]; with LoRA → [y, h], h = x·Aᵀ [N, r], kept for the gradient.
 * Kernel inputs by name: x, w, bias (with Bias), a, b (with Lora). Attribute: scale (with Lora).
 */
export function linear(
  x: Tensor,
  w: Tensor2D,
  options: { bias?: Tensor1D | null; lora?: LoraWeights | null } = {},
): Tensor2D {
  if (x.rank !== 2 || x.shape[1] !== w.shape[1]) {
    throw new RangeError(`linear: expected x [N, ${w.shape[1]}] for weights [${w.shape}], got [${x.shape}].`);
  }
  const { bias, lora } = options;
  const name = `Linear${bias ? 'Bias' : ''}${lora ? 'Lora' : ''}`;
  const inputs: Record<string, Tensor> = { x, w };
  if (bias) inputs.bias = bias;
  if (!lora) return engine().runKernel(name, inputs);
  inputs.a = lora.a;
  inputs.b = lora.b;
  const outputs = engine().runKernel(name, inputs, { scale: lora.scale }) as unknown as Tensor2D[];
  return outputs[0];
}

/** dx = dy·W (+ dh·A). Kernel `LinearGradInput` with inputs dy, w and, with LoRA, dh, a. */
function gradInput(dy: Tensor, w: Tensor, dh?: Tensor, a?: Tensor): Tensor {
  return engine().runKernel('LinearGradInput', dh && a ? { dy, w, dh, a } : { dy, w });
}

for (const bias of [false, true]) {
  const biasNames = bias ? ['bias'] : [];
  registerGradient({
    kernelName: `Linear${bias ? 'Bias' : ''}`,
    inputsToSave: ['x', 'w', ...biasNames],
    gradFunc: (dy, saved) => {
      const [x, w] = saved;
      const dyT = dy as Tensor;
      const grads: Record<string, () => Tensor> = {
        x: () => gradInput(dyT, w),
        w: () => gemm(dyT, x, { transposeA: true }),
      };
      if (bias) grads.bias = () => sum(dyT, 0);
      return grads;
    },
  });
  registerGradient({
    kernelName: `Linear${bias ? 'Bias' : ''}Lora`,
    inputsToSave: ['x', 'w', ...biasNames, 'a', 'b'],
    outputsToSave: [false, true],
    gradFunc: (dys, saved, attrs: NamedAttrMap) => {
      const dy = (dys as Tensor[])[0];
      const [x, w] = saved;
      const [a, b, h] = saved.slice(bias ? 3 : 2);
      const scale = attrs.scale as number;
      // dh is needed by dx and dA: computed once, freed with the backward pass.
      const dh = gemm(dy, b, { alpha: scale }); // [N, r]
      const grads: Record<string, () => Tensor> = {
        x: () => gradInput(dy, w, dh, a),
        w: () => gemm(dy, x, { transposeA: true }),
        a: () => gemm(dh, x, { transposeA: true }),
        b: () => gemm(dy, h, { transposeA: true, alpha: scale }),
      };
      if (bias) grads.bias = () => sum(dy, 0);
      return grads;
    },
  });
}
