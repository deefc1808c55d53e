// Batched decoding: reads prompts, then writes one token per row and step; finished rows leave the batch.
import { dispose, engine, type Tensor2D, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Adapter } from '../models/adapter';
import { type LanguageModel, logitsOf } from '../models/model';
import { embedding } from '../ops/embedding/embedding';
import { type RowProgram, recordRows } from '../ops/rowProgram/rowProgram';
import { sampleTokens } from '../ops/sampleTokens/sampleTokens';
import { AheadWriter } from './aheadWriter';
import { type CachedRow, cacheInputs, type KeyValueCache, rowLength } from './keyValueCache';

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
    const start = startOf(decoder, row, time);
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

/** Position of a row's next token. */
function startOf({ model }: Decoder, row: CachedRow, time: number): number {
  const start = rowLength(row);
  const { maxPositions } = model.architecture.shape;
  if (start + time > maxPositions) {
    throw new RangeError(`decoding: expected at most ${maxPositions} positions, got ${start + time}.`);
  }
  return start;
}

/** What was drawn for every row, in their order. */
export interface Drawn {
  ids: ArrayLike<number>;
  logProbs: ArrayLike<number>;
  entropies: ArrayLike<number>;
}

/** Draws a token for every row of `logits` [R, V] (disposed here). @param keys [R, 2] stream and position of the draw */
export async function drawTokens(logits: Tensor2D, keys: Int32Array, sampling: Sampling): Promise<Drawn> {
  const keyTensor = tensor(keys, [keys.length / 2, 2], 'int32');
  const { ids, logProb, entropy } = sampleTokens(logits, keyTensor, drawOf(sampling));
  const drawn = await Promise.all([ids.data(), logProb.data(), entropy.data()]);
  dispose([ids, logProb, entropy, keyTensor, logits]);
  return { ids: drawn[0], logProbs: drawn[1], entropies: drawn[2] };
}

const drawOf = ({ temperature, topK, topP, seed }: Sampling) => ({ temperature, topK, topP, seed });

/**
 * Writes one token after another: reads the last one of every row, draws the next. The first step is recorded, the others are run from
 * the recording where the backend can do that (ops/rowProgram): one call for a token of all rows. On `webgpu`: aheadWriter.ts.
 */
export class TokenWriter {
  private program: RowProgram | null = null;
  private isRecorded = false;
  private readonly ahead: AheadWriter | null;

  /** @param capacity most rows of a step */
  constructor(
    private readonly decoder: Decoder,
    private readonly sampling: Sampling,
    private readonly capacity: number,
  ) {
    this.ahead = engine().backendName === 'webgpu' ? new AheadWriter(decoder, sampling) : null;
  }

  /** @param last [R] the rows' last tokens, not read yet @param keys [R, 2] stream and position of the draws */
  async write(rows: readonly CachedRow[], last: Int32Array, keys: Int32Array): Promise<Drawn> {
    if (this.ahead) return this.ahead.write(rows, last, keys);
    const { cache } = this.decoder;
    const positions = Int32Array.from(rows, (row) => startOf(this.decoder, row, 1));
    const inputs = [last, positions, cache.chains(rows, 1), keys] as const;
    for (const row of rows) row.own.length++;
    if (this.program) {
      const [ids, logProbs, entropies] = this.program.run(rows.length, inputs);
      return { ids, logProbs, entropies };
    }
    return this.firstStep(rows.length, ...inputs);
  }

  dispose(): void {
    this.program?.dispose();
    this.program = null;
  }

  private async firstStep(rows: number, last: Int32Array, positions: Int32Array, chains: Int32Array, keys: Int32Array) {
    const { model, adapter, cache } = this.decoder;
    const [ids, at, links] = cacheInputs(rows, last, positions, chains);
    const keyTensor = tensor(keys, [rows, 2], 'int32');
    const inputs = [ids, at, links, keyTensor];
    const step = () =>
      tidy(() => {
        const logits = logitsOf(model, adapter, cache.readTensors(adapter, ids, at, links));
        const drawn = sampleTokens(logits, keyTensor, drawOf(this.sampling));
        return [drawn.ids, drawn.logProb, drawn.entropy];
      });
    const { outputs, program } = this.isRecorded
      ? { outputs: step(), program: null }
      : recordRows(rows, this.capacity, inputs, step);
    this.isRecorded = true;
    this.program = program;
    const [drawnIds, logProbs, entropies] = await Promise.all(outputs.map((t) => t.data()));
    dispose([...inputs, ...outputs]);
    return { ids: drawnIds, logProbs, entropies };
  }
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
  let written = new Int32Array(0);
  const writer = new TokenWriter(decoder, sampling, rows.length);
  try {
    for (let step = 0; active.length > 0 && step < sampling.maxTokens; step++) {
      const keys = new Int32Array(active.length * 2);
      active.forEach((row, i) => {
        keys[2 * i] = streams[row];
        keys[2 * i + 1] = step;
      });
      const going = Array.from(active, (row) => rows[row]);
      const drawn =
        step === 0 ? await drawTokens(firstLogits, keys, sampling) : await writer.write(going, written, keys);
      written = Int32Array.from(drawn.ids);
      active.forEach((row, i) => {
        drafts[row].tokens.push(written[i]);
        drafts[row].logProbs.push(drawn.logProbs[i]);
        drafts[row].entropies.push(drawn.entropies[i]);
        if (written[i] === endId) finish[row] = 'end';
      });
      if ((await onTokens?.(active, written)) === 'stop') break;
      written = written.filter((id) => id !== endId);
      active = active.filter((row) => finish[row] !== 'end');
    }
  } finally {
    writer.dispose();
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
