// One update of the policy from weights per position AND token of the vocabulary: loss = −Σ_i Σ_v w_iv · log π(v at i), then AdamW.
// What `weightedUpdate` is for written tokens, for methods that follow whole distributions (distillation). Holds logits [N, V].
import {
  dispose,
  keep,
  logSoftmax,
  mul,
  neg,
  type Scalar,
  sum,
  type Tensor2D,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { trainables } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { StudioError } from '../protocol/errors';
import type { TrainedState } from './asideAdapters';
import { withGradients } from './gradientStep';
import { optimizerStep } from './optimizer';
import { batchLogits, batchTensors, type PackedBatch } from './packedBatch';

/** @param weights [N · V] @returns the gradient norm and log π [N · V] before the update */
export async function distributionUpdate(
  model: LanguageModel,
  state: TrainedState,
  batch: PackedBatch,
  weights: Float64Array,
  options: { learningRate: number; maxNorm: number; beta2?: number; step: number },
): Promise<{ norm: number; logProbs: Float32Array }> {
  const { learningRate, maxNorm, beta2 = 0.95, step } = options;
  const tensors = batchTensors(batch);
  const rows = batch.targets.length;
  const w = tensor2d(Float32Array.from(weights), [rows, weights.length / rows]);
  const kept: Tensor2D[] = [];
  const loss = () =>
    tidy(() => {
      const logProbs = logSoftmax(batchLogits(model, state.adapter, batch, tensors));
      kept.push(keep(logProbs));
      return neg(sum(mul(logProbs, w)));
    }) as Scalar;
  try {
    const parameters = trainables(state.adapter).map(({ tensor }) => tensor);
    return await withGradients(loss, parameters, async (grads) => {
      const logProbs = Float32Array.from(await kept[0].data());
      const adam = { beta1: 0.9, beta2, eps: 1e-8, weightDecay: 0, maxNorm };
      const norm = await optimizerStep(state.optimizer, grads, { learningRate, ...adam });
      if (!Number.isFinite(norm)) {
        throw new StudioError(
          'numerics',
          `step ${step + 1}: expected a finite gradient norm, got ${norm}. The step was not applied. Lower the learning rate, or resume from the last checkpoint.`,
        );
      }
      return { norm, logProbs };
    });
  } finally {
    dispose([w, ...kept, ...Object.values(tensors)]);
  }
}
