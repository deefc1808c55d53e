// Queries, keys and values of 512 tokens out of a fused projection, head by head, forward and backward; stock: slices.
import { addN, grads, randomNormal, reshape, slice, type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { splitColumns } from './splitColumns';

const [rows, heads, dim] = [512, 8, 64];

function measured(apart: (x: Tensor) => Tensor[]): () => void {
  const x = randomNormal([rows, heads * 3 * dim]);
  const dy = randomNormal([rows, heads * dim]);
  const gradients = grads((t: Tensor) => addN(apart(t)));
  return () => tidy(() => void gradients([x], dy));
}

export const splitColumnsBenches: OpBench[] = [
  {
    title: 'columns of 512 tokens apart, 8 heads of 3×64, forward and backward',
    ours: () => measured((x) => splitColumns(x as Tensor2D, [dim, dim, dim], heads)),
    stock: () =>
      measured((x) => {
        const byHead = reshape(x, [rows, heads, 3 * dim]);
        return [0, 1, 2].map((i) => reshape(slice(byHead, [0, 0, i * dim], [rows, heads, dim]), [rows, heads * dim]));
      }),
  },
];
