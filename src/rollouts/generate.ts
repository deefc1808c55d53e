// Batched decoding: reads prompts, then writes one token per row and step; finished rows leave the batch.
import { dispose, type Tensor2D, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import { type LanguageModel, logitsOf } from '../models/model';
import { embedding } from '../ops/embedding/embedding';
import { sampleTokens } from '../ops/sampleTokens/sampleTokens';
import { type CachedRow, type KeyValueCache, rowLength } from './keyValueCache';

/** One answer. Plain data. */
export interface Turn {
  /** end token included when it was written */
  tokens: Int32Array;
  /** log-probability of each token at the sampling temperature (temperature 1 when greedy), nats */
  logProbs: Float32Array;
  entropies: Float32Array;
  finish: 'end' | 'length';
}

export interface Sampling {
  /** 0 = greedy */
  temperature: number;
  topK: number;
  topP: number;
  maxTokens: number;
  seed: number;
}

export interface Decoder {
  model: LanguageModel;
  adapter: Adapter | null;
  cache: KeyValueCache;
}

/** Called after every step with the rows that wrote a token. May be async: decoding waits. `stop`: what was written is the answer. */
export type OnTokens = (rows: Int32Array, ids: Int32Array) => OnTokensSaid | Promise<OnTokensSaid>;
// biome-ignore lint/suspicious/noConfusingVoidType: most who listen say nothing
type OnTokensSaid = 'stop' | void;

/** Rows of a matrix by index. */
function takeRows(matrix: Tensor2D, indices: Int32Array): Tensor2D {
  return tidy(() => embedding(matrix, tensor(indices, [indices.length], 'int32')));
}

/**
 * Reads new tokens into each row's own segment.
 * @returns logits after each row's last token, [R, V]; the caller disposes
 */
export function readTokens(decoder: Decoder, rows: readonly CachedRow[], tokens: readonly Int32Array[]): Tensor2D {
  const { model, adapter, cache } = decoder;
  const time = Math.max(...tokens.map((list) => list.length));
  const ids = new Int32Array(rows.length * time);
  const positions = new Int32Array(rows.length * time);
  const last = new Int32Array(rows.length);
  rows.forEach((row, r) => {
    const start = rowLength(row);
    if (start + time > model.architecture.shape.maxPositions) {
      throw new RangeError(
        `decoding: expected at most ${model.architecture.shape.maxPositions} positions, got ${start + time}.`,
      );
    }
    ids.set(tokens[r], r * time);
    for (let t = 0; t < time; t++) positions[r * time + t] = start + t;
    last[r] = r * time + tokens[r].length - 1;
  });
  const hidden = cache.read(adapter, rows, ids, positions, time);
  rows.forEach((row, r) => {
    row.own.length += tokens[r].length;
  });
  const logits = tidy(() => logitsOf(model, adapter, time === 1 ? hidden : takeRows(hidden, last)));
  hidden.dispose();
  return logits;
}

/**
 * Writes an answer for every row.
 * @param firstLogits [R, V] after each row's prompt (disposed here)
 * @param streams [R] names each row's random numbers
 */
export async function generate(
  decoder: Decoder,
  rows: readonly CachedRow[],
  firstLogits: Tensor2D,
  streams: Int32Array,
  sampling: Sampling,
  onTokens?: OnTokens,
): Promise<Turn[]> {
  const endId = decoder.model.chat.endId;
  const drafts = rows.map(() => ({ tokens: [] as number[], logProbs: [] as number[], entropies: [] as number[] }));
  const finish: Turn['finish'][] = rows.map(() => 'length');
  let active = Int32Array.from(rows.keys());
  let logits = firstLogits;
  for (let step = 0; ; step++) {
    const keys = new Int32Array(active.length * 2);
    active.forEach((row, i) => {
      keys[2 * i] = streams[row];
      keys[2 * i + 1] = step;
    });
    const { temperature, topK, topP, seed } = sampling;
    const keyTensor = tensor(keys, [active.length, 2], 'int32');
    const drawn = sampleTokens(logits, keyTensor, { temperature, topK, topP, seed });
    const [ids, logProbs, entropies] = await Promise.all([
      drawn.ids.data(),
      drawn.logProb.data(),
      drawn.entropy.data(),
    ]);
    const written = Int32Array.from(ids);
    active.forEach((row, i) => {
      drafts[row].tokens.push(written[i]);
      drafts[row].logProbs.push(logProbs[i]);
      drafts[row].entropies.push(entropies[i]);
      if (written[i] === endId) finish[row] = 'end';
    });
    dispose([drawn.ids, drawn.logProb, drawn.entropy, keyTensor, logits]);
    const said = await onTokens?.(active, written);
    if (said === 'stop' || step + 1 >= sampling.maxTokens) break;
    const going = active.filter((row) => finish[row] !== 'end');
    if (going.length === 0) break;
    active = going;
    logits = readTokens(
      decoder,
      Array.from(going, (row) => rows[row]),
      Array.from(going, (row) => Int32Array.of(drafts[row].tokens[step])),
    );
  }
  return drafts.map((draft, r) => ({
    tokens: Int32Array.from(draft.tokens),
    logProbs: Float32Array.from(draft.logProbs),
    entropies: Float32Array.from(draft.entropies),
    finish: finish[r],
  }));
}

/** Logits of shared prompts, repeated for the rows that continue them. */
export function repeatLogits(logits: Tensor2D, owners: Int32Array): Tensor2D {
  const repeated = takeRows(logits, owners);
  logits.dispose();
  return repeated;
}
