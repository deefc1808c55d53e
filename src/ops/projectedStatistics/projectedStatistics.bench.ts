// Cross-entropy of 512 positions over 16,384 words from hidden states of 128, forward and backward to the hidden states; stock: the
// product, logSoftmax and a one-hot product over the whole logits.
import {
  cast,
  grads,
  logSoftmax,
  matMul,
  mul,
  oneHot,
  randomNormal,
  type Scalar,
  sum,
  type Tensor,
  type Tensor2D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { projectedStatistics } from './projectedStatistics';

const [rows, depth, vocabulary] = [512, 128, 16384];

function measured(loss: (hidden: Tensor2D, w: Tensor2D, targets: Tensor) => Scalar): () => void {
  const targets = tensor1d(
    Int32Array.from({ length: rows }, (_, i) => (i * 37) % vocabulary),
    'int32',
  );
  const [hidden, w] = [randomNormal([rows, depth]), randomNormal([vocabulary, depth])] as Tensor2D[];
  const gradients = grads((x: Tensor) => loss(x as Tensor2D, w, targets));
  return () => tidy(() => void gradients([hidden]));
}

export const projectedStatisticsBenches: OpBench[] = [
  {
    title: 'cross-entropy over 16384 words from hidden states, 512×128, forward and backward',
    ours: () => measured((hidden, w, targets) => sum(projectedStatistics(hidden, w, targets).logProb)),
    stock: () =>
      measured((hidden, w, targets) => {
        const logP = logSoftmax(matMul(hidden, w, false, true));
        return sum(mul(cast(oneHot(targets, vocabulary), 'float32'), logP));
      }),
  },
];
