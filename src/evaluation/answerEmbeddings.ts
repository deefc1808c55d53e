// Vectors of answers as a model sees them: its last hidden states, averaged over the tokens of the answer only. The prompt, and the word
// that names a class in it, are read but not averaged: they would tell the classes apart by themselves.
import type { Decoder } from '../rollouts/generate';
import type { CachedRow } from '../rollouts/keyValueCache';

const ROWS = 128;

export interface ReadAnswer {
  prompt: Int32Array;
  /** token ids */
  answer: Int32Array;
}

/** @returns one vector per answer, [hidden] */
export async function answerEmbeddings(decoder: Decoder, list: readonly ReadAnswer[]): Promise<Float64Array[]> {
  const { model, adapter, cache } = decoder;
  const { hidden: size } = model.architecture.shape;
  const vectors: Float64Array[] = [];
  for (let start = 0; start < list.length; start += ROWS) {
    const part = list.slice(start, start + ROWS);
    const time = Math.max(...part.map(({ prompt, answer }) => prompt.length + answer.length));
    cache.reset(part.length, time);
    const rows: CachedRow[] = part.map(() => ({ past: [], own: cache.allocate() }));
    const ids = new Int32Array(part.length * time);
    const positions = new Int32Array(ids.length);
    part.forEach(({ prompt, answer }, r) => {
      ids.set(prompt, r * time);
      ids.set(answer, r * time + prompt.length);
      for (let t = 0; t < time; t++) positions[r * time + t] = t;
    });
    const states = cache.read(adapter, rows, ids, positions, time);
    const values = await states.data();
    states.dispose();
    part.forEach(({ prompt, answer }, r) => {
      const vector = new Float64Array(size);
      for (let t = prompt.length; t < prompt.length + answer.length; t++) {
        for (let i = 0; i < size; i++) vector[i] += values[(r * time + t) * size + i] / answer.length;
      }
      vectors.push(vector);
    });
  }
  return vectors;
}
