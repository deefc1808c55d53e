// REINFORCE with a penalty on the exact KL to the reference, over tokens that carry weights:
//   loss = Σ_i ( −w_i · log π(token_i) + c_i · KL_i )
// w and c are constants (advantage and coefficient, already divided by the number of answers); the gradient flows through
// log π and KL only. An answer's log-probability is the sum over its tokens: no length normalisation (pitfall P11).
import { dispose, mul, type Scalar, sub, sum, type Tensor, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { TokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { statisticsGradients, type TokenColumns } from './microBatches';
import {
  type BatchTensors,
  type PackedBatch,
  type ReferenceScores,
  referenceScores,
  statisticsOfReference,
} from './packedBatch';

/** The reference policy's scores and log-probabilities of a batch. The caller disposes `logits`. */
export async function referenceOf(
  model: LanguageModel,
  batch: PackedBatch,
  tensors: BatchTensors,
  temperature: number,
): Promise<{ logits: ReferenceScores; logProb: Float32Array }> {
  const logits = referenceScores(model, batch, tensors);
  const statistics = statisticsOfReference(model, logits, tensors.targets, temperature);
  const logProb = Float32Array.from(await statistics.logProb.data());
  dispose([statistics.logProb, statistics.entropy, statistics.kl]);
  return { logits, logProb };
}

/** The loss above for given statistics; differentiable. */
export function policyGradientLoss(
  logProb: Tensor1D,
  kl: Tensor1D,
  weights: Float32Array,
  klWeights: Float32Array,
): Scalar {
  return tidy(() => sub(sum(mul(kl, tensor1d(klWeights))), sum(mul(logProb, tensor1d(weights))))) as Scalar;
}

/**
 * Gradients of the loss, handed to `update` together with what the loss saw (check it before updating).
 * @param weights [N] w @param klWeights [N] c
 */
export async function policyGradientStep<T>(
  model: LanguageModel,
  adapter: Adapter,
  batch: PackedBatch,
  tensors: BatchTensors,
  options: { refLogits: ReferenceScores | null; temperature: number; weights: Float32Array; klWeights: Float32Array },
  update: (grads: Tensor[], columns: TokenColumns) => Promise<T>,
): Promise<T> {
  const { refLogits: reference, temperature, weights, klWeights } = options;
  const lossOf = ({ logProb, kl }: TokenStatistics, tokens: Int32Array | null) => {
    const of = (all: Float32Array) => (tokens ? Float32Array.from(tokens, (i) => all[i]) : all);
    return policyGradientLoss(logProb, kl, of(weights), of(klWeights));
  };
  return statisticsGradients(model, adapter, batch, tensors, { temperature, reference }, lossOf, update);
}

/** Largest |a − b|; NaN counts as infinite. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
