// Token sequences laid out for one forward pass over [B, T], with the positions that carry loss.
// A row may hold several sequences one behind the other (each blind to the others), or one shared beginning followed by several
// branches that each see the beginning and themselves: second attempts of one first attempt cost their shared past once.
import { reshape, Tensor, type Tensor1D, type Tensor2D, type Tensor3D, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import { headOf, hiddenStates, type LanguageModel, logitsOf } from '../models/model';
import { attention } from '../ops/attention/attention';
import { embedding } from '../ops/embedding/embedding';
import { projectedStatistics, VOCABULARY_CHUNK } from '../ops/projectedStatistics/projectedStatistics';
import { type TokenStatistics, tokenStatistics } from '../ops/tokenStatistics/tokenStatistics';
import { rangesWithin } from './slidingWindow';

/** One token that carries loss: predicted from flat position `from` (row·T + t). */
export interface PackedBatch {
  rows: number;
  time: number;
  ids: Int32Array;
  positions: Int32Array;
  /** [B, T, 3] as attention wants them */
  ranges: Int32Array;
  /** [N] flat positions whose logits predict the targets */
  from: Int32Array;
  /** [N] */
  targets: Int32Array;
  /** positions that are not padding */
  tokens: number;
}

/** Fills a PackedBatch row by row. `time` is the length of every row. */
export class BatchPacker {
  private readonly ids: number[][] = [];
  private readonly positions: number[][] = [];
  private readonly ranges: number[][] = [];
  private readonly from: [row: number, t: number][] = [];
  private readonly targets: number[] = [];

  get rows(): number {
    return this.ids.length;
  }

  rowLength(row: number): number {
    return this.ids[row].length;
  }

  newRow(): number {
    this.ids.push([]);
    this.positions.push([]);
    this.ranges.push([]);
    return this.ids.length - 1;
  }

  /**
   * Appends a segment of tokens to a row.
   * @param sharedEnd the segment also sees the row's positions 0 … sharedEnd−1 (0 = only itself)
   * @returns the position of its first token within the row
   */
  append(row: number, tokens: ArrayLike<number>, sharedEnd = 0): number {
    const start = this.ids[row].length;
    for (let i = 0; i < tokens.length; i++) {
      this.ids[row].push(tokens[i]);
      this.positions[row].push(sharedEnd + i);
      this.ranges[row].push(0, sharedEnd, start);
    }
    return start;
  }

  /** Asks for the probability of `target` after position t of a row. */
  predict(row: number, t: number, target: number): void {
    this.from.push([row, t]);
    this.targets.push(target);
  }

  finish(padId: number): PackedBatch {
    const rows = this.ids.length;
    const time = Math.max(...this.ids.map((row) => row.length));
    const batch: PackedBatch = {
      rows,
      time,
      ids: new Int32Array(rows * time).fill(padId),
      positions: new Int32Array(rows * time),
      ranges: new Int32Array(rows * time * 3),
      from: Int32Array.from(this.from, ([row, t]) => row * time + t),
      targets: Int32Array.from(this.targets),
      tokens: this.ids.reduce((sum, row) => sum + row.length, 0),
    };
    for (let row = 0; row < rows; row++) {
      batch.ids.set(this.ids[row], row * time);
      batch.positions.set(this.positions[row], row * time);
      batch.ranges.set(this.ranges[row], row * time * 3);
      // padding sees only itself
      for (let t = this.ids[row].length; t < time; t++) batch.ranges[(row * time + t) * 3 + 2] = t;
    }
    return batch;
  }
}

/** Tensors of a batch, made once and used by reference and policy. */
export interface BatchTensors {
  ids: Tensor1D;
  positions: Tensor1D;
  ranges: Tensor3D;
  from: Tensor1D;
  targets: Tensor1D;
  /** `ranges` for layers with a sliding window, made when a model asks for them (slidingWindow.ts) */
  [narrow: `ranges within ${number}`]: Tensor3D;
}

export function batchTensors(batch: PackedBatch): BatchTensors {
  const { rows, time } = batch;
  return {
    ids: tensor(batch.ids, [rows * time], 'int32'),
    positions: tensor(batch.positions, [rows * time], 'int32'),
    ranges: tensor(batch.ranges, [rows, time, 3], 'int32'),
    from: tensor(batch.from, [batch.from.length], 'int32'),
    targets: tensor(batch.targets, [batch.targets.length], 'int32'),
  };
}

/** Hidden states of the positions that carry loss, [N, D]. Differentiable in the adapter. */
export function batchHidden(
  model: LanguageModel,
  adapter: Adapter | null,
  batch: PackedBatch,
  tensors: BatchTensors,
): Tensor2D {
  const { shape, attentionScale: scale, window } = model.architecture;
  const attrs = { heads: shape.heads, kvHeads: shape.kvHeads, scale };
  return tidy(() => {
    const hidden = hiddenStates(model, adapter, {
      ids: tensors.ids,
      positions: tensors.positions,
      attend: (layer, q, k, v) => {
        const [q3, k3, v3] = [q, k, v].map((x) => reshape(x, [batch.rows, batch.time, x.shape[1]]) as Tensor3D);
        return reshape(attention(q3, k3, v3, rangesWithin(window(layer), batch, tensors), attrs), q.shape) as Tensor2D;
      },
    });
    return embedding(hidden, tensors.from);
  });
}

/** Logits of the positions that carry loss, [N, V]. Differentiable in the adapter. */
export function batchLogits(
  model: LanguageModel,
  adapter: Adapter | null,
  batch: PackedBatch,
  tensors: BatchTensors,
): Tensor2D {
  return tidy(() => logitsOf(model, adapter, batchHidden(model, adapter, batch, tensors)));
}

/**
 * What a reference policy is remembered by: its logits [N, V], or, where these would be more than one chunk of a vocabulary wide,
 * the hidden states [N, D] from which the base's head makes them. The holder disposes them.
 */
export type ReferenceScores = Tensor2D | { hidden: Tensor2D };

const isWide = (model: LanguageModel) =>
  model.architecture.head !== undefined && model.architecture.shape.vocabulary > VOCABULARY_CHUNK;

/** The base's scores of a batch. */
export function referenceScores(model: LanguageModel, batch: PackedBatch, tensors: BatchTensors): ReferenceScores {
  return isWide(model)
    ? { hidden: batchHidden(model, null, batch, tensors) }
    : batchLogits(model, null, batch, tensors);
}

/** The reference's own statistics. */
export function statisticsOfReference(
  model: LanguageModel,
  scores: ReferenceScores,
  targets: Tensor1D,
  temperature: number,
): TokenStatistics {
  if (scores instanceof Tensor) return tokenStatistics(scores, targets, { temperature });
  return projectedStatistics(scores.hidden, headOf(model, null), targets, { temperature });
}

/** Log-probability and entropy of hidden states [N, D]; never [N, V] of a wide vocabulary. */
export function statisticsOfHidden(
  model: LanguageModel,
  adapter: Adapter | null,
  hidden: Tensor2D,
  targets: Tensor1D,
  temperature: number,
): TokenStatistics {
  if (isWide(model)) return projectedStatistics(hidden, headOf(model, adapter), targets, { temperature });
  return tokenStatistics(logitsOf(model, adapter, hidden), targets, { temperature });
}

/** Log-probability, entropy and KL to a reference at the positions that carry loss; never [N, V] of a wide vocabulary. */
export function batchStatistics(
  model: LanguageModel,
  adapter: Adapter | null,
  batch: PackedBatch,
  tensors: BatchTensors,
  options: { temperature?: number; reference?: ReferenceScores | null } = {},
): TokenStatistics {
  const { temperature = 1, reference = null } = options;
  if (isWide(model) && !(reference instanceof Tensor)) {
    const hidden = batchHidden(model, adapter, batch, tensors);
    const other = reference && { hidden: reference.hidden, w: headOf(model, null) };
    return projectedStatistics(hidden, headOf(model, adapter), tensors.targets, { temperature, reference: other });
  }
  const refLogits = reference instanceof Tensor ? reference : null;
  return tokenStatistics(batchLogits(model, adapter, batch, tensors), tensors.targets, { temperature, refLogits });
}
