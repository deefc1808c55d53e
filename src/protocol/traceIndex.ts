// The compact index of a chunk of samples: everything a list of 100,000 samples is filtered and sorted by, without their
// tokens and texts. Stored beside each chunk; also made later for chunks that were stored without one.
import { fnv1a } from '../lib/fnv1a';
import type { TraceChunk, TraceExtra } from './trace';

/** E episodes, A attempts each, R reward terms. NaN = not computed, as in the chunk. */
export interface TraceIndex {
  /** of this layout; an index with another number is made anew from its chunk */
  version: 1;
  kind: TraceChunk['kind'];
  step: number;
  stage: string;
  episodes: number;
  attempts: number;
  terms: string[];
  /** What the chunk takes in memory and, roughly, in storage. */
  bytes: number;
  /** [E] */
  problem: Int32Array;
  first: Int32Array;
  /** [E] fingerprint of the prompt: the same problem at other steps is found without reading texts. */
  prompt: Uint32Array;
  /** [E] 1 when the last attempt repeats the first token by token. */
  unchanged: Uint8Array;
  /** [E*A] */
  correct: Uint8Array;
  /** [E*A] tokens, end token included */
  lengths: Int32Array;
  /** [E*A*R] */
  rewards: Float32Array;
  /** [E*A] */
  advantage: Float32Array;
  /** Columns beside the score; texts by name only. Missing where the chunk has none. */
  extra?: Pick<TraceExtra, 'names' | 'numeric' | 'textNames'>;
}

/** Bytes of a chunk: its columns, and its texts at two bytes a letter. */
export function bytesOfChunk(chunk: TraceChunk): number {
  let bytes = 0;
  let letters = 0;
  for (const value of Object.values(chunk)) if (ArrayBuffer.isView(value)) bytes += value.byteLength;
  const { extra } = chunk;
  if (extra) bytes += extra.numeric.byteLength + extra.text.byteLength;
  const ofExtra = extra ? [...extra.names, ...extra.textNames, ...extra.texts] : [];
  for (const text of [...chunk.prompts, ...chunk.terms, ...Object.values(chunk.texts), ...ofExtra])
    letters += text.length;
  return bytes + 2 * (letters + chunk.instruction.length + chunk.stage.length);
}

function repeatsItself(chunk: TraceChunk, episode: number): boolean {
  const { attempts, offsets, tokens } = chunk;
  if (attempts < 2) return false;
  const row = episode * attempts;
  const last = row + attempts - 1;
  const length = offsets[row + 1] - offsets[row];
  if (offsets[last + 1] - offsets[last] !== length) return false;
  for (let t = 0; t < length; t++) if (tokens[offsets[row] + t] !== tokens[offsets[last] + t]) return false;
  return true;
}

export function indexOfChunk(chunk: TraceChunk): TraceIndex {
  const { kind, step, stage, episodes, attempts, terms, offsets, extra } = chunk;
  return {
    version: 1,
    kind,
    step,
    stage,
    episodes,
    attempts,
    terms,
    bytes: bytesOfChunk(chunk),
    problem: chunk.problem.slice(),
    first: chunk.first.slice(),
    prompt: Uint32Array.from(chunk.prompts, fnv1a),
    unchanged: Uint8Array.from({ length: episodes }, (_, episode) => Number(repeatsItself(chunk, episode))),
    correct: chunk.correct.slice(),
    lengths: Int32Array.from({ length: episodes * attempts }, (_, row) => offsets[row + 1] - offsets[row]),
    rewards: chunk.rewards.slice(),
    advantage: chunk.advantage.slice(),
    ...(extra && { extra: { names: extra.names, numeric: extra.numeric.slice(), textNames: extra.textNames } }),
  };
}
