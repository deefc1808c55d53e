// The Integrate Unit of NAT (Li et al. 2023, arXiv 2312.12832, Eq. 4 and 5, in the form its code computes): inside one wrapped linear
// layer a second, frozen low-rank path that learned from wrong answers is attended to beside the first. Per token, with d_a the width:
//   h₊ = Wx + s B A x,  h₋ = Wx + s B⁻A⁻x,  q = W_Q x,  kᵢ = W_K hᵢ,  vᵢ = W_up gelu(W_down hᵢ)
//   a = softmax(q·k₊, q·k₋),  α = a₋ − ½ ∈ (−½, ½),   y = Wx + (1 − α) v₊ + α v₋
// The softmax is in the code and not in the paper's Eq. 4, whose stated range for α needs it. W_K and W_down read hᵢ, so they are as wide
// as the layer's output (the code takes its input's width, which only works for square layers: no grouped key/value heads).
import { add, erf, keep, mul, sigmoid, sub, sum, type Tensor1D, type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { CounterRng } from '../lib/counterRng';
import { fnv1a } from '../lib/fnv1a';
import { type LoraWeights, linear } from '../ops/linear/linear';
import { linearOf } from '../ops/quantLinear/quantLinear';
import type { Matrix } from '../ops/quantLinear/quantMatrix';
import { type Adapter, createAdapter } from './adapter';
import type { LanguageModel } from './model';

export interface IntegrateUnit {
  /** A⁻ and B⁻, frozen */
  negative: { a: Tensor2D; b: Tensor2D };
  /** W_Q [d_a, in] */
  query: Tensor2D;
  /** W_K [d_a, out] */
  key: Tensor2D;
  /** W_down [d_a, out] */
  down: Tensor2D;
  /** W_up [out, d_a] */
  up: Tensor2D;
}

/** α [N, 1] from q, k₊, k₋, all [N, d_a]. A softmax over two is a sigmoid of their difference. */
export function negativeShare(q: Tensor2D, positive: Tensor2D, negative: Tensor2D): Tensor2D {
  return sub(sigmoid(sum(mul(q, sub(negative, positive)), 1, true)), 0.5);
}

/** Exact, with erf, as torch's. */
const gelu = (x: Tensor2D): Tensor2D => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/** @param x [N, in] @param w [out, in] @returns [N, out] */
export function integrate(
  x: Tensor2D,
  w: Matrix,
  bias: Tensor1D | undefined,
  positive: LoraWeights,
  unit: IntegrateUnit,
): Tensor2D {
  const base = linearOf(x, w, { bias });
  const [right, wrong] = [positive, { ...unit.negative, scale: positive.scale }].map((lora) =>
    linearOf(x, w, { bias, lora }),
  );
  const alpha = negativeShare(linear(x, unit.query), linear(right, unit.key), linear(wrong, unit.key));
  const [ofRight, ofWrong] = [right, wrong].map((h) => gelu(linear(h, unit.down)));
  // W_up is linear: mixing before it is mixing after it, at half the cost.
  return add(base, linear(add(ofRight, mul(alpha, sub(ofWrong, ofRight))), unit.up));
}

/**
 * An adapter that starts where the base is, beside `negative`, whose low-rank path it takes over and freezes: W_up = 0, so whatever
 * the negative path holds changes nothing yet. The caller must not dispose `negative`.
 * @param width d_a
 */
export function integratedAdapter(model: LanguageModel, negative: Adapter, seed: number, width: number): Adapter {
  const adapter = createAdapter(model, negative.config, seed);
  for (const [module, frozen] of negative.lora) {
    const [out, inner] = model.architecture.tensors.get(`${module}.weight`)!;
    const drawn = (name: string, rows: number, columns: number) => {
      const rng = new CounterRng(seed, fnv1a(`${module}.${name}`));
      const bound = 1 / Math.sqrt(columns);
      const values = Float32Array.from({ length: rows * columns }, () => (2 * rng.uniform() - 1) * bound);
      return keep(tensor2d(values, [rows, columns], 'float32'));
    };
    adapter.units.set(module, {
      negative: frozen,
      query: drawn('query', width, inner),
      key: drawn('key', width, out),
      down: drawn('down', width, out),
      up: keep(tensor2d(new Float32Array(out * width), [out, width], 'float32')),
    });
  }
  return adapter;
}

/** The model of wrong answers inside an integrated adapter: a view, not to be disposed. */
export function negativeOf(adapter: Adapter): Adapter {
  const lora = new Map([...adapter.units].map(([module, { negative }]) => [module, negative]));
  return { ...adapter, lora, units: new Map() };
}
