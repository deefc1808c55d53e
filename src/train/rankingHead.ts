// ASC's ranker as its code has it (Li et al. 2023, arXiv 2312.12832, github.com/Yiwei98/TDG): a head on the mean of an encoder's states
// over an answer's tokens, without its end token:
//   h₁ = ELU(W₁ h + b₁) + h,   h₂ = ELU(W₂ h₁ + b₂) + h₁,   s = σ(w · h₂ + b)
// The encoder is the model itself with the adapter on (the code: a T5 encoder, all of it trained). The head's tensors are part of the
// adapter (`head.rank.*`), so checkpoints hold them.
import {
  add,
  dispose,
  expm1,
  keep,
  matMul,
  mul,
  neg,
  relu,
  reshape,
  type Scalar,
  sigmoid,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { CounterRng } from '../lib/counterRng';
import { fnv1a } from '../lib/fnv1a';
import { type Adapter, trainables } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { StudioError } from '../protocol/errors';
import type { AnswerBatch } from './answerBatch';
import { restartOptimizer, type TrainedState } from './asideAdapters';
import { withGradients } from './gradientStep';
import { optimizerStep } from './optimizer';
import { type BatchTensors, batchHidden, batchTensors } from './packedBatch';

const PARTS = ['w1', 'b1', 'w2', 'b2', 'w', 'b'] as const;
export type RankingHead = Record<(typeof PARTS)[number], Tensor>;

/** A head drawn by `seed`, uniform in ±1/√D as torch's layers, where there is none yet. The optimizer begins anew. */
export function ensureRanker(state: TrainedState, model: LanguageModel, seed: number): void {
  const { heads } = state.adapter;
  if (heads.has('rank.w1')) return;
  const { hidden: size } = model.architecture.shape;
  const shapes = { w1: [size, size], b1: [size], w2: [size, size], b2: [size], w: [1, size], b: [1] };
  for (const part of PARTS) {
    const rng = new CounterRng(seed, fnv1a(`rank.${part}`));
    const length = shapes[part].reduce((product, side) => product * side, 1);
    const values = Float32Array.from({ length }, () => (2 * rng.uniform() - 1) / Math.sqrt(size));
    heads.set(`rank.${part}`, keep(tensor(values, shapes[part], 'float32')));
  }
  restartOptimizer(state);
}

const headOf = ({ heads }: Adapter) =>
  Object.fromEntries(PARTS.map((part) => [part, heads.get(`rank.${part}`)!])) as RankingHead;

/** ELU from what every backend has: x above 0, e^x − 1 below. */
const elu = (x: Tensor2D): Tensor2D => add(relu(x), expm1(neg(relu(neg(x)))));

/** Scores [A] of pooled states [A, D]. Differentiable. */
export function headScores({ w1, b1, w2, b2, w, b }: RankingHead, pooled: Tensor2D): Tensor1D {
  return tidy(() => {
    const layer = (x: Tensor2D, weight: Tensor, bias: Tensor) =>
      add(elu(add(matMul(x, weight as Tensor2D, false, true), bias)), x) as Tensor2D;
    const top = layer(layer(pooled, w1, b1), w2, b2);
    const score = add(matMul(top, reshape(w, [1, pooled.shape[1]]) as Tensor2D, false, true), b);
    return reshape(sigmoid(score), [pooled.shape[0]]) as Tensor1D;
  });
}

/** Rows that average the states of each answer's tokens: those that predict its tokens after the first, which have just been read. */
function poolingOf({ offsets, targets }: AnswerBatch): Tensor2D {
  const answers = offsets.length - 1;
  const matrix = new Float32Array(answers * targets.length);
  for (let a = 0; a < answers; a++) {
    const [from, to] = [offsets[a] + 1, offsets[a + 1]];
    for (let i = from; i < to; i++) matrix[a * targets.length + i] = 1 / (to - from);
  }
  return tensor2d(matrix, [answers, targets.length]);
}

function scoresOf(
  model: LanguageModel,
  adapter: Adapter,
  batch: AnswerBatch,
  tensors: BatchTensors,
  pooling: Tensor2D,
) {
  const states = batchHidden(model, adapter, batch, tensors);
  return headScores(headOf(adapter), matMul(pooling, states) as Tensor2D);
}

/** [A] scores of a batch's answers, without gradients. */
export async function rankerScores(model: LanguageModel, adapter: Adapter, batch: AnswerBatch): Promise<Float64Array> {
  const tensors = batchTensors(batch);
  const pooling = poolingOf(batch);
  const scores = tidy(() => scoresOf(model, adapter, batch, tensors, pooling));
  const values = Float64Array.from(await scores.data());
  dispose([scores, pooling, ...Object.values(tensors)]);
  return values;
}

/** One update of adapter and head: loss = Σ_a slope_a · s_a. @param slopes [A] dL/ds, already divided by the number of pairs */
export async function rankerUpdate(
  model: LanguageModel,
  state: TrainedState,
  batch: AnswerBatch,
  slopes: ArrayLike<number>,
  options: { learningRate: number; maxNorm: number; step: number },
): Promise<{ norm: number }> {
  const { learningRate, maxNorm, step } = options;
  const tensors = batchTensors(batch);
  const pooling = poolingOf(batch);
  const loss = () =>
    tidy(() => {
      const scores = scoresOf(model, state.adapter, batch, tensors, pooling);
      return sum(mul(scores, tensor1d(Float32Array.from(slopes)))) as Scalar;
    });
  try {
    const parameters = trainables(state.adapter).map((part) => part.tensor);
    return await withGradients(loss, parameters, async (grads) => {
      const adam = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0, maxNorm };
      const norm = await optimizerStep(state.optimizer, grads, { learningRate, ...adam });
      if (!Number.isFinite(norm)) {
        throw new StudioError(
          'numerics',
          `step ${step + 1}: expected a finite gradient norm, got ${norm}. The step was not applied. Lower the learning rate, or resume from the last checkpoint.`,
        );
      }
      return { norm };
    });
  } finally {
    dispose([pooling, ...Object.values(tensors)]);
  }
}
