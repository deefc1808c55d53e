// A critic on the policy's own hidden states, and one update of both: loss = −Σ_i w_i · log π(token_i) − Σ_i u_i · V_i, then AdamW.
// V_i = v · h_i + b, where h_i is the last hidden state before token i is written. Its gradient reaches the policy's layers too.
import {
  add,
  dispose,
  keep,
  mul,
  neg,
  reshape,
  type Scalar,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { type Adapter, trainables } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { linear } from '../ops/linear/linear';
import { StudioError } from '../protocol/errors';
import { restartOptimizer, type TrainedState } from './asideAdapters';
import { withGradients } from './gradientStep';
import { optimizerStep } from './optimizer';
import { type BatchTensors, batchHidden, batchTensors, type PackedBatch, statisticsOfHidden } from './packedBatch';
import { largestDifference } from './policyGradient';

const [WEIGHT, BIAS] = ['value.weight', 'value.bias'];

/** A critic that says 0 everywhere, where there is none yet. The optimizer begins anew. */
export function ensureCritic(state: TrainedState, model: LanguageModel): void {
  const { heads } = state.adapter;
  if (heads.has(WEIGHT)) return;
  const { hidden } = model.architecture.shape;
  heads.set(WEIGHT, keep(tensor(new Float32Array(hidden), [1, hidden], 'float32')));
  heads.set(BIAS, keep(tensor(new Float32Array(1), [1], 'float32')));
  restartOptimizer(state);
}

function columnsOf(
  model: LanguageModel,
  adapter: Adapter,
  batch: PackedBatch,
  tensors: BatchTensors,
  temperature: number,
): { logProb: Tensor1D; entropy: Tensor1D; values: Tensor1D } {
  const [weight, bias] = [WEIGHT, BIAS].map((name) => adapter.heads.get(name)!);
  const hidden = batchHidden(model, adapter, batch, tensors);
  const { logProb, entropy } = statisticsOfHidden(model, adapter, hidden, tensors.targets, temperature);
  const values = reshape(linear(hidden, weight as Tensor2D, { bias: bias as Tensor1D }), [batch.targets.length]);
  return { logProb, entropy, values: values as Tensor1D };
}

export interface CriticColumns {
  logProb: Float32Array;
  entropy: Float32Array;
  values: Float32Array;
}

const readAll = (tensors: readonly Tensor[]) =>
  Promise.all(tensors.map(async (t) => Float32Array.from(await t.data())));

/** What policy and critic say of a batch, without gradients. */
export async function criticColumns(
  model: LanguageModel,
  adapter: Adapter,
  batch: PackedBatch,
  temperature: number,
): Promise<CriticColumns> {
  const tensors = batchTensors(batch);
  const found = tidy(() => columnsOf(model, adapter, batch, tensors, temperature));
  const kept = [found.logProb, found.entropy, found.values];
  const [logProb, entropy, values] = await readAll(kept);
  dispose([...kept, ...Object.values(tensors)]);
  return { logProb, entropy, values };
}

/** @param weights [N] w @param valueWeights [N] u */
export async function actorCriticUpdate(
  model: LanguageModel,
  state: TrainedState,
  batch: PackedBatch,
  weights: Float64Array,
  valueWeights: Float64Array,
  options: {
    learningRate: number;
    maxNorm: number;
    temperature: number;
    step: number;
    /** log-probabilities told while sampling, and how far the loss may be from them (nats) */
    sampled?: { logProbs: Float32Array; tolerance: number };
  },
): Promise<{ norm: number; columns: CriticColumns; mismatch: number }> {
  const { learningRate, maxNorm, temperature, step, sampled } = options;
  const tensors = batchTensors(batch);
  const kept: Tensor1D[] = [];
  const loss = () => {
    const { logProb, entropy, values } = columnsOf(model, state.adapter, batch, tensors, temperature);
    kept.push(keep(logProb), keep(entropy), keep(values));
    const [ofPolicy, ofCritic] = [[logProb, weights] as const, [values, valueWeights] as const].map(([column, w]) =>
      sum(mul(column, tensor1d(Float32Array.from(w)))),
    );
    return neg(add(ofPolicy, ofCritic)) as Scalar;
  };
  const fault = (what: string) =>
    new StudioError(
      'numerics',
      `step ${step + 1}: ${what}. The step was not applied. Lower the learning rate, or resume from the last checkpoint.`,
    );
  try {
    const parameters = trainables(state.adapter).map((part) => part.tensor);
    return await withGradients(loss, parameters, async (grads) => {
      const [logProb, entropy, values] = await readAll(kept);
      const mismatch = sampled ? largestDifference(logProb, sampled.logProbs) : 0;
      if (sampled && !(mismatch <= sampled.tolerance)) {
        throw fault(
          `expected log-probabilities within ${sampled.tolerance} of the rollout’s, they differ by ${mismatch}`,
        );
      }
      const adam = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0, maxNorm };
      const norm = await optimizerStep(state.optimizer, grads, { learningRate, ...adam });
      if (!Number.isFinite(norm)) throw fault(`expected a finite gradient norm, got ${norm}`);
      return { norm, columns: { logProb, entropy, values }, mismatch };
    });
  } finally {
    dispose([...kept, ...Object.values(tensors)]);
  }
}
