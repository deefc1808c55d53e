// GELU of a small GPT-2's feed-forward layer and Gemma's GeGLU, forward and backward; stock: the formulas in tfjs' operations.
import { add, erf, grads, mul, randomNormal, type Tensor, tanh, tidy } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { geglu, gelu } from './gelu';

const shape = [512, 1536];

function measured(inputs: Tensor[], f: (...inputs: Tensor[]) => Tensor): () => void {
  const dy = randomNormal(shape);
  const gradients = grads(f);
  return () => tidy(() => void gradients(inputs, dy));
}

const byErf = (x: Tensor) => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
const byTanh = (x: Tensor) =>
  mul(mul(x, 0.5), add(tanh(mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1));

export const geluBenches: OpBench[] = [
  {
    title: 'GELU with erf 512×1536, forward and backward',
    ours: () => measured([randomNormal(shape)], (x) => gelu(x, 'erf')),
    stock: () => measured([randomNormal(shape)], byErf),
  },
  {
    title: 'GeGLU by tanh 512×1536, forward and backward',
    ours: () => measured([randomNormal(shape), randomNormal(shape)], (gate, up) => geglu(gate, up, 'tanh')),
    stock: () => measured([randomNormal(shape), randomNormal(shape)], (gate, up) => mul(byTanh(gate), up)),
  },
];
