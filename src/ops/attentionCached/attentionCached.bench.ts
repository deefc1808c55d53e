// One decoding step of 64 rows with 60 tokens behind them; stock: concatenate the cache, then the composition.
import {
  concat,
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
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { attentionCached } from './attentionCached';

const [rows, past, capacity, heads, headDim] = [64, 60, 72, 4, 32];
const width = heads * headDim;
const scale = 1 / Math.sqrt(headDim);

function ours(): () => void {
  const [q, k, v] = [0, 1, 2].map(() => randomNormal([rows, 1, width]) as Tensor3D);
  const [cacheK, cacheV] = [0, 1].map(() => randomNormal([rows, capacity, width]) as Tensor3D);
  const chains = tensor(
    Int32Array.from({ length: rows * 2 }, (_, i) => (i % 2 ? past : i / 2)),
    [rows, 1, 2],
    'int32',
  );
  return () => tidy(() => void attentionCached(q, k, v, cacheK, cacheV, chains, { heads, kvHeads: heads, scale }));
}

function stock(): () => void {
  const byHead = (x: Tensor) => transpose(reshape(x, [rows, 1, heads, headDim]), [0, 2, 1, 3]);
  const [q, k, v] = [0, 1, 2].map(() => randomNormal([rows, 1, width]));
  const [cacheK, cacheV] = [0, 1].map(() => randomNormal([rows, heads, past, headDim]));
  return () =>
    tidy(() => {
      const keys = concat([cacheK, byHead(k)], 2);
      const values = concat([cacheV, byHead(v)], 2);
      const mixed = matMul(softmax(mul(matMul(byHead(q), keys, false, true), scale)), values);
      reshape(transpose(mixed, [0, 2, 1, 3]), [rows, width]);
    });
}

export const attentionCachedBenches: OpBench[] = [
  { title: 'decoding attention, 64 rows × 60 tokens, 4 heads of 32', ours, stock },
];
