// Keys and values of everything read so far, in slots. A row's past is a chain of segments (slot, length): rows that share a
// prompt or a first attempt name the same slot, so nothing is copied or computed twice.
import { keep, reshape, type Tensor1D, type Tensor2D, type Tensor3D, tensor, zeros } from '@tensorflow/tfjs-core';
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
    const { shape, attentionScale: scale, window } = this.model.architecture;
    const attrs = { heads: shape.heads, kvHeads: shape.kvHeads, scale };
    const chainTensor = tensor(chains, [rows.length, CHAIN_LENGTH, 2], 'int32');
    const idTensor = tensor(ids, [ids.length], 'int32') as Tensor1D;
    const positionTensor = tensor(positions, [positions.length], 'int32') as Tensor1D;
    const batched = (x: Tensor2D) => reshape(x, [rows.length, time, x.shape[1]]) as Tensor3D;
    try {
      return hiddenStates(this.model, adapter, {
        ids: idTensor,
        positions: positionTensor,
        attend: (layer, q, k, v) =>
          reshape(
            attentionCached(batched(q), batched(k), batched(v), this.k[layer], this.v[layer], chainTensor, {
              ...attrs,
              window: window(layer) ?? 0,
            }),
            [q.shape[0], q.shape[1]],
          ) as Tensor2D,
      });
    } finally {
      for (const t of [chainTensor, idTensor, positionTensor]) t.dispose();
    }
  }

  dispose(): void {
    for (const t of [...this.k, ...this.v]) t.dispose();
    this.k = [];
    this.v = [];
  }
}
