// 2048 rows out of a table of 64, forward and backward; stock: a product with one-hot rows (no gradient of a gather there).
import {
  cast,
  grads,
  matMul,
  oneHot,
  randomNormal,
  type Tensor,
  type Tensor2D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { embedding } from './embedding';

const [rows, vocabulary, width] = [2048, 64, 128];

function measured(lookUp: (table: Tensor, ids: Tensor) => Tensor): () => void {
  const ids = tensor1d(
    Int32Array.from({ length: rows }, (_, i) => (i * 37) % vocabulary),
    'int32',
  );
  const table = randomNormal([vocabulary, width]);
  const dy = randomNormal([rows, width]);
  const gradients = grads((t: Tensor) => lookUp(t, ids));
  return () => tidy(() => void gradients([table], dy));
}

export const embeddingBenches: OpBench[] = [
  {
    title: 'embedding 2048 of 64×128, forward and backward',
    ours: () => measured((table, ids) => embedding(table as Tensor2D, ids)),
    stock: () => measured((table, ids) => matMul(cast(oneHot(ids, vocabulary), 'float32'), table as Tensor2D)),
  },
];
