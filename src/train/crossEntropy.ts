// Mean cross-entropy over the predicted tokens of a batch (nats per token): supervised fine-tuning and pre-training.
import { dispose, keep, mean, neg, type Scalar, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import { trainables } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { withGradients } from './gradientStep';
import { batchStatistics, batchTensors, type PackedBatch } from './packedBatch';

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
  const kept: Tensor1D[] = [];
  const loss = () => {
    const statistics = batchStatistics(model, adapter, batch, tensors);
    kept.push(keep(statistics.logProb), keep(statistics.entropy));
    return neg(mean(statistics.logProb)) as Scalar;
  };
  const parameters = trainables(adapter).map(({ tensor }) => tensor);
  try {
    return await withGradients(loss, parameters, async (grads) => {
      const [logProb, entropy] = await Promise.all(kept.map(async (t) => Float32Array.from(await t.data())));
      dispose(kept);
      return update(grads, { logProb, entropy });
    });
  } finally {
    dispose(Object.values(tensors));
  }
}
