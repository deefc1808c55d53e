// Keys and values of everything read so far, in slots. A row's past is a chain of segments (slot, length): rows that share a
// prompt or a first attempt name the same slot, so nothing is copied or computed twice.
import {
  keep,
  reshape,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tensor1d,
  tensor3d,
  zeros,
} from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import { hiddenStates, type LanguageModel } from '../models/model';
import { attentionCached } from '../ops/attentionCached/attentionCached';

/** Segments a chain may have: prompt, first attempt with instruction, second attempt. */
const CHAIN_LENGTH = 3;

export interface Segment {
  slot: number;
  length: number;
}

/** A row being written: its shared past, and its own slot with the tokens already in it. */
export interface CachedRow {
  past: Segment[];
  own: Segment;
}

export function rowLength(row: CachedRow): number {
  return row.past.reduce((sum, segment) => sum + segment.length, row.own.length);
}

/** What a step reads besides the weights. */
export function cacheInputs(
  rows: number,
  ids: Int32Array,
  positions: Int32Array,
  chains: Int32Array,
): [Tensor1D, Tensor1D, Tensor3D] {
  const links = tensor3d(chains, [rows, CHAIN_LENGTH, 2], 'int32');
  return [tensor1d(ids, 'int32'), tensor1d(positions, 'int32'), links];
}

export class KeyValueCache {
  private k: Tensor3D[] = [];
  private v: Tensor3D[] = [];
  private slots = 0;
  private capacity = 0;
  private used = 0;

  constructor(private readonly model: LanguageModel) {}

  /**
   * Forgets everything and makes sure of `slots` slots of `capacity` tokens. Keeps its memory when it is large enough; else it takes
   * what is asked for now, so that many short slots and few long ones in turn do not add up to many long ones.
   */
  reset(slots: number, capacity: number): void {
    this.used = 0;
    if (slots <= this.slots && capacity <= this.capacity) return;
    this.dispose();
    this.slots = slots;
    this.capacity = capacity;
    const { layers, kvHeads, headDim } = this.model.architecture.shape;
    for (let layer = 0; layer < layers; layer++) {
      this.k.push(keep(zeros([this.slots, this.capacity, kvHeads * headDim])));
      this.v.push(keep(zeros([this.slots, this.capacity, kvHeads * headDim])));
    }
  }

  allocate(): Segment {
    if (this.used >= this.slots)
      throw new RangeError(`key-value cache: expected at most ${this.slots} slots, one more was asked for.`);
    return { slot: this.used++, length: 0 };
  }

  /** No slot at all, for rows that are over but still in the batch: `webgpu` drops what is written there. */
  get nowhere(): Segment {
    return { slot: this.slots, length: 0 };
  }

  /** The rows' chains for `time` new tokens each, [R, CHAIN_LENGTH, 2], as attentionCached wants them. Refuses where there is no room. */
  chains(rows: readonly CachedRow[], time: number): Int32Array {
    const chains = new Int32Array(rows.length * CHAIN_LENGTH * 2);
    rows.forEach((row, r) => {
      if (row.past.length >= CHAIN_LENGTH || row.own.length + time > this.capacity) {
        throw new RangeError(
          `key-value cache: expected at most ${CHAIN_LENGTH - 1} earlier segments and ${this.capacity} tokens, got ${row.past.length} and ${row.own.length + time}.`,
        );
      }
      row.past.forEach((segment, s) => {
        chains[(r * CHAIN_LENGTH + s) * 2] = segment.slot;
        chains[(r * CHAIN_LENGTH + s) * 2 + 1] = segment.length;
      });
      const own = (r * CHAIN_LENGTH + CHAIN_LENGTH - 1) * 2;
      chains[own] = row.own.slot;
      chains[own + 1] = row.own.length;
    });
    return chains;
  }

  /**
   * Reads `time` new tokens of every row (right-padded by the caller). Does not advance `own.length`: the caller knows how many count.
   * @param ids [R·time], positions likewise
   * @returns hidden states [R·time, hidden]; the caller disposes
   */
  read(
    adapter: Adapter | null,
    rows: readonly CachedRow[],
    ids: Int32Array,
    positions: Int32Array,
    time: number,
  ): Tensor2D {
    const inputs = cacheInputs(rows.length, ids, positions, this.chains(rows, time));
    try {
      return this.readTensors(adapter, ...inputs);
    } finally {
      for (const t of inputs) t.dispose();
    }
  }

  /** The same of tensors: [R·time], [R·time], what `chains` gives [R, CHAIN_LENGTH, 2]. */
  readTensors(adapter: Adapter | null, ids: Tensor1D, positions: Tensor1D, chains: Tensor3D): Tensor2D {
    const { shape, attentionScale: scale, window } = this.model.architecture;
    const attrs = { heads: shape.heads, kvHeads: shape.kvHeads, scale };
    const rows = chains.shape[0];
    const batched = (x: Tensor2D) => reshape(x, [rows, x.shape[0] / rows, x.shape[1]]) as Tensor3D;
    return hiddenStates(this.model, adapter, {
      ids,
      positions,
      attend: (layer, q, k, v) =>
        reshape(
          attentionCached(batched(q), batched(k), batched(v), this.k[layer], this.v[layer], chains, {
            ...attrs,
            window: window(layer) ?? 0,
          }),
          [q.shape[0], q.shape[1]],
        ) as Tensor2D,
    });
  }

  dispose(): void {
    for (const t of [...this.k, ...this.v]) t.dispose();
    this.k = [];
    this.v = [];
  }
}
