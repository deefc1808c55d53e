// Mean cross-entropy over the predicted tokens of a batch (nats per token): supervised fine-tuning and pre-training.
import { dispose, mean, mul, neg, type Scalar, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import type { TokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { statisticsGradients } from './microBatches';
import { batchTensors, type PackedBatch } from './packedBatch';

export interface TokenLosses {
  logProb: Float32Array;
  entropy: Float32Array;
}

/** Gradients of the mean over ALL predicted tokens of the batch (not the mean of per-row means), handed to `update`. */
export async function crossEntropyStep<T>(
  model: LanguageModel,
  adapter: Adapter,
  batch: PackedBatch,
  update: (grads: Tensor[], columns: TokenLosses) => Promise<T>,
): Promise<T> {
  const tensors = batchTensors(batch);
  const lossOf = ({ logProb }: TokenStatistics, tokens: Int32Array | null) =>
    (tokens ? mul(sum(logProb), -1 / batch.targets.length) : neg(mean(logProb))) as Scalar;
  try {
    return await statisticsGradients(model, adapter, batch, tensors, {}, lossOf, update);
  } finally {
    dispose(Object.values(tensors));
  }
}
