// SwiGLU at the sizes of the bundled model's training step, forward and backward; stock: sigmoid and two products.
import { grads, mul, randomNormal, sigmoid, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { swiglu } from './swiglu';

const shape = [2048, 384];

function measured(f: (gate: Tensor, up: Tensor) => Tensor): () => void {
  const inputs = [randomNormal(shape), randomNormal(shape)];
  const dy = randomNormal(shape);
  const gradients = grads(f);
  return () => tidy(() => void gradients(inputs, dy));
}

export const swigluBenches: OpBench[] = [
  {
    title: 'SwiGLU 2048×384, forward and backward',
    ours: () => measured(swiglu),
    stock: () => measured((gate, up) => mul(mul(gate, sigmoid(gate)), up)),
  },
];
