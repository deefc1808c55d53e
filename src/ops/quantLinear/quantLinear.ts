// The linear layer over a frozen matrix in blocks: y = x·Wᵀ (+ bias) (+ scale·(x·Aᵀ)·Bᵀ) and dx = dy·W (+ dh·A), with W unpacked
// slice by slice inside the product (QLoRA, Dettmers et al. 2023, arXiv 2305.14314: a frozen base of few bits, LoRA in float32 on
// top). On `simd` the bits are those of `linear` over the unpacked matrix.
// Kernels: `QuantLinear`, `QuantLinearBias`, `QuantLinearLora`, `QuantLinearBiasLora`, `QuantLinearGradInput`.
import { engine, registerGradient, sum, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { gemm } from '../gemm/gemm';
import { type LoraWeights, linear } from '../linear/linear';
import { type BlockName, isQuantised, type Matrix } from './quantMatrix';

/** `out`, `in`: shape of the matrix; `scale` of the low-rank path (0 without). */
export interface QuantAttrs {
  type: BlockName;
  out: number;
  in: number;
  scale: number;
}

/**
 * `linear` for a matrix held in either way.
 * @param x [N, in]
 * @param w [out, in]
 * @returns [N, out]; with blocks differentiable in x, bias, a and b
 */
export function linearOf(
  x: Tensor2D,
  w: Matrix,
  options: { bias?: Tensor1D | null; lora?: LoraWeights | null } = {},
): Tensor2D {
  if (!isQuantised(w)) return linear(x, w, options);
  const { bias, lora } = options;
  const [out, inner] = w.shape;
  if (x.rank !== 2 || x.shape[1] !== inner) {
    throw new RangeError(`linearOf: expected x [N, ${inner}] for ${w.type} weights [${w.shape}], got [${x.shape}].`);
  }
  const inputs: Record<string, Tensor> = { x, w: w.blocks };
  if (bias) inputs.bias = bias;
  const attrs: QuantAttrs = { type: w.type, out, in: inner, scale: lora?.scale ?? 0 };
  const name = `QuantLinear${bias ? 'Bias' : ''}${lora ? 'Lora' : ''}`;
  if (!lora) return engine().runKernel(name, inputs, { ...attrs });
  inputs.a = lora.a;
  inputs.b = lora.b;
  const outputs = engine().runKernel(name, inputs, { ...attrs }) as unknown as Tensor2D[];
  return outputs[0];
}

for (const bias of [false, true]) {
  for (const lora of [false, true]) {
    registerGradient({
      kernelName: `QuantLinear${bias ? 'Bias' : ''}${lora ? 'Lora' : ''}`,
      inputsToSave: ['x', 'w', ...(bias ? ['bias'] : []), ...(lora ? ['a', 'b'] : [])],
      outputsToSave: lora ? [false, true] : [false],
      gradFunc: (dys, saved, attrs) => {
        const dy = lora ? (dys as Tensor[])[0] : (dys as Tensor);
        const [x, w] = saved;
        const grads: Record<string, () => Tensor> = {};
        if (bias) grads.bias = () => sum(dy, 0);
        if (!lora) {
          grads.x = () => engine().runKernel('QuantLinearGradInput', { dy, w }, attrs) as Tensor;
          return grads;
        }
        const [a, b, h] = saved.slice(bias ? 3 : 2);
        const scale = attrs.scale as number;
        // dh is needed by dx and dA: computed once, freed with the backward pass.
        const dh = gemm(dy, b, { alpha: scale }); // [N, r]
        return {
          ...grads,
          x: () => engine().runKernel('QuantLinearGradInput', { dy, w, dh, a }, attrs) as Tensor,
          a: () => gemm(dh, x, { transposeA: true }),
          b: () => gemm(dy, h, { transposeA: true, alpha: scale }),
        };
      },
    });
  }
}
