// The statistics of a batch and the gradients of a loss over them, in as many parts as the model's thrift asks for: rows go through
// forward and backward a few at a time and their gradients are added up. A loss that is a sum over tokens has the same gradients
// either way, up to rounding; with one part it is the same computation to the last bit.
import {
  add,
  dispose,
  keep,
  type Scalar,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { type Adapter, trainables } from '../models/adapter';
import type { LanguageModel } from '../models/model';
import { embedding } from '../ops/embedding/embedding';
import type { TokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { withGradients } from './gradientStep';
import {
  type BatchTensors,
  batchStatistics,
  batchTensors,
  type PackedBatch,
  type ReferenceScores,
} from './packedBatch';

/** Per predicted token, as the loss saw it. */
export interface TokenColumns {
  logProb: Float32Array;
  entropy: Float32Array;
  /** exact KL(policy ‖ reference); 0 without one */
  kl: Float32Array;
}

interface BatchPart {
  batch: PackedBatch;
  /** which of the whole batch's predicted tokens these are */
  tokens: Int32Array;
}

/** Whole rows, as many at once as have at most so many positions (at least one). All parts have the whole batch's row length. */
export function partsOf(batch: PackedBatch, positionsAtOnce: number): BatchPart[] {
  const { rows, time } = batch;
  const each = Math.max(1, Math.floor(positionsAtOnce / time));
  if (each >= rows) return [{ batch, tokens: Int32Array.from(batch.from.keys()) }];
  return Array.from({ length: Math.ceil(rows / each) }, (_, part) => {
    const [first, last] = [part * each * time, Math.min(rows, (part + 1) * each) * time];
    const tokens = Int32Array.from(batch.from.keys()).filter((i) => batch.from[i] >= first && batch.from[i] < last);
    return {
      tokens,
      batch: {
        rows: (last - first) / time,
        time,
        ids: batch.ids.slice(first, last),
        positions: batch.positions.slice(first, last),
        ranges: batch.ranges.slice(3 * first, 3 * last),
        from: tokens.map((i) => batch.from[i] - first),
        targets: tokens.map((i) => batch.targets[i]),
        // As if full: only rates are made of it.
        tokens: last - first,
      },
    };
  }).filter(({ tokens }) => tokens.length > 0);
}

/** The reference's scores of some of the tokens. The caller disposes them. */
function scoresOf(reference: ReferenceScores, tokens: Int32Array): ReferenceScores {
  const take = (scores: Tensor2D) => tidy(() => embedding(scores, tensor(tokens, [tokens.length], 'int32')));
  return reference instanceof Tensor ? take(reference) : { hidden: take(reference.hidden) };
}

interface Options {
  temperature?: number;
  reference?: ReferenceScores | null;
}

/** Statistics of a part, and the gradients of its loss in `parameters`, handed to `use`. */
async function partGradients<T>(
  step: { model: LanguageModel; adapter: Adapter; batch: PackedBatch; tensors: BatchTensors; options: Options },
  parameters: Tensor[],
  lossOf: (statistics: TokenStatistics) => Scalar,
  use: (grads: Tensor[], columns: TokenColumns) => Promise<T>,
): Promise<T> {
  const kept: Tensor1D[] = [];
  const loss = () => {
    const statistics = batchStatistics(step.model, step.adapter, step.batch, step.tensors, step.options);
    const { logProb, entropy, kl } = statistics;
    kept.push(keep(logProb), keep(entropy), keep(kl));
    return lossOf(statistics);
  };
  return withGradients(loss, parameters, async (grads) => {
    const [logProb, entropy, kl] = await Promise.all(kept.map(async (t) => Float32Array.from(await t.data())));
    dispose(kept);
    return use(grads, { logProb, entropy, kl });
  });
}

/**
 * Gradients of a loss over the predicted tokens of a batch, handed to `use` with what the loss saw.
 * @param lossOf of some tokens' statistics, by the tokens' numbers: additive over tokens, already divided by whatever it averages
 * over; null = all tokens, in their order
 */
export async function statisticsGradients<T>(
  model: LanguageModel,
  adapter: Adapter,
  batch: PackedBatch,
  tensors: BatchTensors,
  options: Options,
  lossOf: (statistics: TokenStatistics, tokens: Int32Array | null) => Scalar,
  use: (grads: Tensor[], columns: TokenColumns) => Promise<T>,
): Promise<T> {
  const parameters = trainables(adapter).map(({ tensor }) => tensor);
  const parts = partsOf(batch, model.thrift?.positionsAtOnce ?? Number.POSITIVE_INFINITY);
  if (parts.length === 1 && parts[0].batch === batch) {
    const whole = { model, adapter, batch, tensors, options };
    return partGradients(whole, parameters, (statistics) => lossOf(statistics, null), use);
  }
  const column = () => new Float32Array(batch.from.length);
  const columns: TokenColumns = { logProb: column(), entropy: column(), kl: column() };
  let sums: Tensor[] = [];
  try {
    for (const part of parts) {
      const { tokens } = part;
      const own = batchTensors(part.batch);
      const reference = options.reference ? scoresOf(options.reference, tokens) : null;
      const step = { model, adapter, batch: part.batch, tensors: own, options: { ...options, reference } };
      await partGradients(
        step,
        parameters,
        (statistics) => lossOf(statistics, tokens),
        async (grads, seen) => {
          const before = sums;
          sums = grads.map((grad, i) => (before.length > 0 ? add(before[i], grad) : grad.clone()));
          dispose(before);
          for (const name of ['logProb', 'entropy', 'kl'] as const) {
            tokens.forEach((token, i) => {
              columns[name][token] = seen[name][i];
            });
          }
        },
      );
      dispose(Object.values(own));
      if (reference) dispose(reference instanceof Tensor ? reference : reference.hidden);
    }
    return await use(sums, columns);
  } finally {
    dispose(sums);
  }
}
