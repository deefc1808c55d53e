// One update of the policy from weights per token: loss = −Σ_i w_i · log π(token_i) (+ Σ_i c_i · KL_i), then AdamW.
// Every method whose loss is a function of log-probabilities comes down to this: w_i = −∂loss/∂log π(token_i), computed as plain
// numbers from what the tokens' log-probabilities were. Refuses numerics that went wrong, before anything is changed.
import { dispose, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { StudioError } from '../protocol/errors';
import type { TrainedState } from './asideAdapters';
import type { TokenColumns } from './microBatches';
import { optimizerStep } from './optimizer';
import { batchLogits, batchStatistics, batchTensors, type PackedBatch, type ReferenceScores } from './packedBatch';
import { largestDifference, policyGradientStep } from './policyGradient';

export interface UpdateOptions {
  learningRate: number;
  /** global norm; 0 = off */
  maxNorm: number;
  weightDecay?: number;
  /** Adam's; 0.95 unless said */
  beta2?: number;
  /** of the softmax; 1 unless the tokens were sampled at another one */
  temperature?: number;
  /** names the step in an error */
  step: number;
  /** a penalty Σ_i c_i · KL(π ‖ softmax(logits))_i at the same positions, full vocabulary; the caller disposes the logits */
  kl?: { logits: ReferenceScores; weights: Float32Array };
  /** log-probabilities told while sampling, and how far the loss may be from them (nats): checked before anything changes */
  sampled?: { logProbs: Float32Array; tolerance: number };
}

/** Logits of a batch under `adapter` (null: the base), without gradients. The caller disposes them. */
export function frozenLogits(model: LanguageModel, adapter: Adapter | null, batch: PackedBatch): Tensor2D {
  const tensors = batchTensors(batch);
  const logits = batchLogits(model, adapter, batch, tensors);
  dispose(Object.values(tensors));
  return logits;
}

/** Log-probabilities of a batch's targets under `adapter` (null: the base), without gradients. */
export async function logProbsOf(
  model: LanguageModel,
  adapter: Adapter | null,
  batch: PackedBatch,
  temperature = 1,
): Promise<Float32Array> {
  const tensors = batchTensors(batch);
  // Only the log-probabilities outlive the tidy.
  const logProb = tidy(() => batchStatistics(model, adapter, batch, tensors, { temperature }).logProb);
  const values = Float32Array.from(await logProb.data());
  dispose([logProb, ...Object.values(tensors)]);
  return values;
}

/** @param weights [N] w, already divided by whatever the method averages over */
export async function weightedUpdate(
  model: LanguageModel,
  state: TrainedState,
  batch: PackedBatch,
  weights: ArrayLike<number>,
  options: UpdateOptions,
): Promise<{ norm: number; columns: TokenColumns; mismatch: number }> {
  const { learningRate, maxNorm, weightDecay = 0, beta2 = 0.95, temperature = 1, step, kl, sampled } = options;
  const tensors = batchTensors(batch);
  const klWeights = kl?.weights ?? new Float32Array(weights.length);
  const loss = { refLogits: kl?.logits ?? null, temperature, weights: Float32Array.from(weights), klWeights };
  const update = policyGradientStep(model, state.adapter, batch, tensors, loss, async (grads, columns) => {
    const mismatch = sampled ? largestDifference(columns.logProb, sampled.logProbs) : 0;
    if (sampled && !(mismatch <= sampled.tolerance)) {
      throw new StudioError(
        'numerics',
        `step ${step + 1}: expected the log-probabilities of the loss within ${sampled.tolerance} of the rollout’s, they differ by ${mismatch}. The step was not applied. Resume from the last checkpoint, or try the other backend.`,
      );
    }
    const adam = { beta1: 0.9, beta2, eps: 1e-8, weightDecay, maxNorm };
    const norm = await optimizerStep(state.optimizer, grads, { learningRate, ...adam });
    if (!Number.isFinite(norm)) {
      throw new StudioError(
        'numerics',
        `step ${step + 1}: expected a finite gradient norm, got ${norm}. The step was not applied. Lower the learning rate, or resume from the last checkpoint.`,
      );
    }
    return { norm, columns, mismatch };
  });
  return update.finally(() => dispose(Object.values(tensors)));
}
