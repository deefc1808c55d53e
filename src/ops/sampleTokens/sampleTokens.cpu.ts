// The truth of sampling, float64. Ties: the k-th largest value keeps all its equals (as Hugging Face's top-k does), the
// border of top-p takes lower ids first; greedy takes the lowest id.
import { counterUniform } from '../../lib/counterRng';
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';
import type { SamplingAttrs } from './sampleTokens';

/** Which ids top-k, then top-p over the survivors, leave. @param p probabilities of one row */
export function keptTokens(p: Float64Array, topK: number, topP: number): boolean[] {
  const byProbability = Array.from(p.keys()).sort((a, b) => p[b] - p[a] || a - b);
  const kept = new Array<boolean>(p.length).fill(true);
  if (topK > 0 && topK < p.length) {
    const smallest = p[byProbability[topK - 1]];
    for (let j = 0; j < p.length; j++) kept[j] = p[j] >= smallest;
  }
  if (topP < 1) {
    const survivors = byProbability.filter((j) => kept[j]);
    const total = survivors.reduce((sum, j) => sum + p[j], 0);
    let cumulative = 0;
    for (const j of survivors) {
      kept[j] = cumulative < topP * total || j === survivors[0];
      cumulative += p[j];
    }
  }
  return kept;
}

/** The first kept id whose cumulative probability, renormalised over the kept, exceeds u. */
export function inverseCdf(p: Float64Array, kept: boolean[], u: number): number {
  const total = p.reduce((sum, value, j) => sum + (kept[j] ? value : 0), 0);
  let cumulative = 0;
  let last = 0;
  for (let j = 0; j < p.length; j++) {
    if (!kept[j] || p[j] === 0) continue;
    cumulative += p[j];
    last = j;
    if (cumulative > u * total) return j;
  }
  return last;
}

/** @returns [ids, logProb, entropy], each [R] */
export function referenceSampleTokens(
  logits: FloatTensor,
  keys: IndexTensor,
  { temperature, topK, topP, seed }: SamplingAttrs,
): [IndexTensor, FloatTensor, FloatTensor] {
  const [rows, width] = logits.shape;
  const ids: IndexTensor = { shape: [rows], data: new Int32Array(rows) };
  const [logProb, entropy] = [floats([rows]), floats([rows])];
  for (let r = 0; r < rows; r++) {
    const row = logits.data.subarray(r * width, (r + 1) * width);
    let best = 0;
    for (let j = 1; j < width; j++) if (row[j] > row[best]) best = j;
    const z = row.map((logit) => (logit - row[best]) / (temperature || 1));
    const logTotal = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
    const p = z.map((value) => Math.exp(value - logTotal));
    const u = counterUniform(seed, keys.data[2 * r], keys.data[2 * r + 1]);
    const id = temperature === 0 ? best : inverseCdf(p, keptTokens(p, topK, topP), u);
    ids.data[r] = id;
    logProb.data[r] = z[id] - logTotal;
    for (let j = 0; j < width; j++) if (p[j] > 0) entropy.data[r] -= p[j] * (z[j] - logTotal);
  }
  return [ids, logProb, entropy];
}

registerCpuKernel<SamplingAttrs>('SampleTokens', ({ f, i }, attrs) =>
  referenceSampleTokens(f('logits'), i('keys'), attrs),
);
