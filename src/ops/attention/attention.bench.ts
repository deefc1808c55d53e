// Causal attention at the bench model's sizes, forward, and forward with backward; stock: the five-op composition.
import {
  add,
  grads,
  matMul,
  mul,
  randomNormal,
  reshape,
  softmax,
  type Tensor,
  type Tensor3D,
  tensor,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { attention } from './attention';

const [batch, time, heads, headDim] = [32, 64, 4, 32];
const scale = 1 / Math.sqrt(headDim);
const shape: [number, number, number] = [batch, time, heads * headDim];

function composed(q: Tensor, k: Tensor, v: Tensor, mask: Tensor): Tensor {
  const byHead = (x: Tensor) => transpose(reshape(x, [batch, time, heads, headDim]), [0, 2, 1, 3]);
  const scores = add(mul(matMul(byHead(q), byHead(k), false, true), scale), mask);
  return reshape(transpose(matMul(softmax(scores), byHead(v)), [0, 2, 1, 3]), shape);
}

function fused(): (...qkv: Tensor[]) => Tensor {
  const ranges = zeros([batch, time, 3], 'int32') as Tensor3D;
  return (...qkv) => attention(...(qkv as [Tensor3D, Tensor3D, Tensor3D]), ranges, { heads, kvHeads: heads, scale });
}

function composition(): (...qkv: Tensor[]) => Tensor {
  const hidden = Float32Array.from({ length: time * time }, (_, i) => (i % time > Math.floor(i / time) ? -1e9 : 0));
  const mask = tensor(hidden, [time, time]);
  return (q, k, v) => composed(q, k, v, mask);
}

const inputs = () => [0, 1, 2].map(() => randomNormal(shape));

function forward(f: (...qkv: Tensor[]) => Tensor): () => void {
  const qkv = inputs();
  return () => tidy(() => void f(...qkv));
}

function both(f: (...qkv: Tensor[]) => Tensor): () => void {
  const qkv = inputs();
  const dy = randomNormal(shape);
  const gradients = grads(f);
  return () => tidy(() => void gradients(qkv, dy));
}

export const attentionBenches: OpBench[] = [
  {
    title: 'attention 32×64, 4 heads of 32, forward',
    ours: () => forward(fused()),
    stock: () => forward(composition()),
  },
  {
    title: 'attention 32×64, 4 heads of 32, forward and backward',
    ours: () => both(fused()),
    stock: () => both(composition()),
  },
];
