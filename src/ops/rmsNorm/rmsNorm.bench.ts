// RMSNorm at the sizes of the bundled model's training step, forward and backward; stock: square, mean, rsqrt, two products.
import {
  add,
  grads,
  mean,
  mul,
  randomNormal,
  rsqrt,
  square,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { rmsNorm } from './rmsNorm';

const [rows, width, eps] = [2048, 128, 1e-5];

function measured(f: (x: Tensor, weight: Tensor) => Tensor): () => void {
  const inputs = [randomNormal([rows, width]), randomNormal([width])];
  const dy = randomNormal([rows, width]);
  const gradients = grads(f);
  return () => tidy(() => void gradients(inputs, dy));
}

export const rmsNormBenches: OpBench[] = [
  {
    title: 'RMSNorm 2048×128, forward and backward',
    ours: () => measured((x, weight) => rmsNorm(x, weight as Tensor1D, eps)),
    stock: () => measured((x, weight) => mul(mul(x, rsqrt(add(mean(square(x), 1, true), eps))), weight)),
  },
];
