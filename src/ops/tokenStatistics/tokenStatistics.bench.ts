// Log-probability and KL to a reference of 2048 tokens over 128 words, forward and backward; stock: two logSoftmax, a one-hot
// product and the products of the KL. The composition also keeps five [N, V] tensors for its gradient, ours none.
import {
  add,
  cast,
  exp,
  grads,
  logSoftmax,
  mul,
  oneHot,
  randomNormal,
  type Scalar,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { OpBench } from '../../cli/bench/opBench';
import { tokenStatistics } from './tokenStatistics';

const [rows, vocabulary] = [2048, 128];

function measured(loss: (logits: Tensor, ref: Tensor, targets: Tensor) => Scalar): () => void {
  const targets = tensor1d(
    Int32Array.from({ length: rows }, (_, i) => (i * 37) % vocabulary),
    'int32',
  );
  const [logits, ref] = [randomNormal([rows, vocabulary]), randomNormal([rows, vocabulary])];
  const gradients = grads((x: Tensor) => loss(x, ref, targets));
  return () => tidy(() => void gradients([logits]));
}

function fused(logits: Tensor, ref: Tensor, targets: Tensor): Scalar {
  const { logProb, kl } = tokenStatistics(logits as Tensor2D, targets, { refLogits: ref as Tensor2D });
  return add(sum(logProb), sum(kl));
}

function composed(logits: Tensor, ref: Tensor, targets: Tensor): Scalar {
  const [logP, logQ] = [logSoftmax(logits), logSoftmax(ref)];
  const logProb = sum(mul(cast(oneHot(targets, vocabulary), 'float32'), logP), 1);
  const kl = sum(mul(exp(logP), sub(logP, logQ)), 1);
  return add(sum(logProb), sum(kl));
}

export const tokenStatisticsBenches: OpBench[] = [
  {
    title: 'token log-probability and KL, 2048×128, forward and backward',
    ours: () => measured(fused),
    stock: () => measured(composed),
  },
];
