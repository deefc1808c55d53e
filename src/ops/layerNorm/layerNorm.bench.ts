// LayerNorm at the sizes of a small GPT-2's training step, forward and backward; stock: moments and the products around them.
import {
  add,
  grads,
  mean,
  mul,
  randomNormal,
  rsqrt,
  square,
  sub,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { layerNorm } from './layerNorm';

const [rows, width, eps] = [512, 768, 1e-5];

function measured(f: (x: Tensor, weight: Tensor, bias: Tensor) => Tensor): () => void {
  const inputs = [randomNormal([rows, width]), randomNormal([width]), randomNormal([width])];
  const dy = randomNormal([rows, width]);
  const gradients = grads(f);
  return () => tidy(() => void gradients(inputs, dy));
}

export const layerNormBenches: OpBench[] = [
  {
    title: 'LayerNorm 512×768, forward and backward',
    ours: () => measured((x, weight, bias) => layerNorm(x, weight as Tensor1D, bias as Tensor1D, eps)),
    stock: () =>
      measured((x, weight, bias) => {
        const off = sub(x, mean(x, 1, true));
        return add(mul(mul(off, rsqrt(add(mean(square(off), 1, true), eps))), weight), bias);
      }),
  },
];
