// For losses over whole distributions: the scored positions of golden logits, and the value and gradient that weights [N · V] mean.
import type { Numbers } from './goldenVectors';

/** Rows of scored positions of [B, T, V]. */
export function scored(logits: Numbers, mask: Numbers): { values: number[]; at: number[]; offsets: Int32Array } {
  const [rows, time, vocabulary] = logits.shape;
  const [at, offsets]: [number[], number[]] = [[], [0]];
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < time; t++) if (mask.data[row * time + t]) at.push(row * time + t);
    offsets.push(at.length);
  }
  const values = at.flatMap((i) => logits.data.slice(i * vocabulary, (i + 1) * vocabulary));
  return { values, at, offsets: Int32Array.from(offsets) };
}

const logSoftmax = (row: readonly number[]) => {
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
  return row.map((x) => x - total);
};

/** −Σ w log S and its gradient with respect to the student's logits. */
export function lossOf(weights: Float64Array, student: readonly number[], vocabulary: number) {
  const gradient = new Float64Array(student.length);
  let loss = 0;
  for (let at = 0; at < student.length; at += vocabulary) {
    const logS = logSoftmax(student.slice(at, at + vocabulary));
    const total = weights.subarray(at, at + vocabulary).reduce((sum, w) => sum + w, 0);
    logS.forEach((l, v) => {
      loss -= weights[at + v] * l;
      gradient[at + v] = total * Math.exp(l) - weights[at + v];
    });
  }
  return { loss, gradient };
}
