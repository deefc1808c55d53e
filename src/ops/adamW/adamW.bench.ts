// One update of 37 tensors, 0.87 M parameters; stock: tfjs' Adam, which neither decays nor clips.
import { randomNormal, type Tensor, tidy, train, variable, zeros } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { adamW } from './adamW';

const block = [[128, 128], [128, 128], [128, 128], [128, 128], [384, 128], [384, 128], [128, 384], [128], [128]];
const shapes = [...Array.from({ length: 4 }, () => block).flat(), [128, 128]];
const attrs = { learningRate: 1e-4, beta1: 0.9, beta2: 0.98, eps: 1e-8, weightDecay: 0.05, maxNorm: 1, step: 10 };

const random = () => shapes.map((shape) => randomNormal(shape) as Tensor);

export const adamWBenches: OpBench[] = [
  {
    title: 'AdamW with clipping, 37 tensors, 0.87 M parameters',
    ours: () => {
      const [params, grads] = [random(), random()];
      const [m, v] = [0, 1].map(() => shapes.map((shape) => zeros(shape) as Tensor));
      return () => tidy(() => void adamW(params, grads, m, v, attrs));
    },
    stock: () => {
      const grads = random();
      const variables = shapes.map((shape, i) => variable(randomNormal(shape), true, `adam bench ${i}`));
      const optimizer = train.adam(attrs.learningRate, attrs.beta1, attrs.beta2, attrs.eps);
      const named = variables.map(({ name }, i) => ({ name, tensor: grads[i] }));
      return () => optimizer.applyGradients(named);
    },
  },
];
