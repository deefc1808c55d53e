// The linear layer with its low-rank path, forward and backward, at the sizes of the bundled model's training step.
import { add, grads, matMul, mul, randomNormal, type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { linear } from './linear';

const [rows, width, out, rank, scale] = [2048, 128, 384, 16, 2];

function measured(f: (...tensors: Tensor[]) => Tensor): () => void {
  const inputs = [
    randomNormal([rows, width]),
    randomNormal([out, width]),
    randomNormal([rank, width]),
    randomNormal([out, rank]),
  ];
  const dy = randomNormal([rows, out]);
  const gradients = grads((x, a, b) => f(x, inputs[1], a, b));
  return () => tidy(() => void gradients([inputs[0], inputs[2], inputs[3]], dy));
}

export const linearBenches: OpBench[] = [
  {
    title: 'linear with LoRA, 2048×128 → 384, rank 16, forward and backward',
    ours: () =>
      measured((x, w, a, b) => linear(x, w as Tensor2D, { lora: { a: a as Tensor2D, b: b as Tensor2D, scale } })),
    stock: () =>
      measured((x, w, a, b) =>
        add(matMul(x, w, false, true), mul(matMul(matMul(x, a, false, true), b, false, true), scale)),
      ),
  },
];
