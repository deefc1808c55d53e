// The truth of attention, float64: for every query the visible keys one by one, and the textbook gradient.
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';
import type { AttentionAttrs } from './attention';

/** Keys that query t of row b sees, in order. */
function visibleKeys(ranges: IndexTensor, time: number, b: number, t: number): number[] {
  const [start, end, own] = ranges.data.subarray((b * time + t) * 3, (b * time + t) * 3 + 3);
  const keys: number[] = [];
  for (let j = 0; j < time; j++) if ((j >= start && j < end) || (j >= own && j <= t)) keys.push(j);
  return keys;
}

interface Head {
  b: number;
  h: number;
  t: number;
  /** offset of this query's vector in q, o, dy */
  query: number;
  /** offset of key j's vector in k and v */
  key(j: number): number;
}

function forEachQuery(q: FloatTensor, attrs: AttentionAttrs, visit: (head: Head, headDim: number) => void): void {
  const [batch, time, width] = q.shape;
  const { heads, kvHeads } = attrs;
  const headDim = width / heads;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kvHead = Math.floor((h * kvHeads) / heads);
      const key = (j: number) => ((b * time + j) * kvHeads + kvHead) * headDim;
      for (let t = 0; t < time; t++) visit({ b, h, t, query: ((b * time + t) * heads + h) * headDim, key }, headDim);
    }
  }
}

function dot(x: Float64Array, i: number, y: Float64Array, j: number, n: number): number {
  let total = 0;
  for (let d = 0; d < n; d++) total += x[i + d] * y[j + d];
  return total;
}

/** @returns [o, lse]; a query without keys has o = 0 and lse = −Infinity */
export function referenceAttention(
  q: FloatTensor,
  k: FloatTensor,
  v: FloatTensor,
  ranges: IndexTensor,
  attrs: AttentionAttrs,
): FloatTensor[] {
  const [batch, time] = q.shape;
  const o = floats(q.shape);
  const lse = floats([batch, attrs.heads, time]);
  forEachQuery(q, attrs, ({ b, h, t, query, key }, headDim) => {
    const keys = visibleKeys(ranges, time, b, t);
    const scores = keys.map((j) => attrs.scale * dot(q.data, query, k.data, key(j), headDim));
    const largest = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - largest));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    lse.data[(b * attrs.heads + h) * time + t] = keys.length ? largest + Math.log(total) : Number.NEGATIVE_INFINITY;
    keys.forEach((j, i) => {
      for (let d = 0; d < headDim; d++) o.data[query + d] += (weights[i] / total) * v.data[key(j) + d];
    });
  });
  return [o, lse];
}

/** P = exp(score − lse), dS = P·(dy·v − dy·o); dq = scale·Σ dS·k, dk = scale·Σ dS·q, dv = Σ P·dy. @returns [dq, dk, dv] */
function referenceAttentionGrad(
  q: FloatTensor,
  k: FloatTensor,
  v: FloatTensor,
  ranges: IndexTensor,
  o: FloatTensor,
  lse: FloatTensor,
  dy: FloatTensor,
  attrs: AttentionAttrs,
): FloatTensor[] {
  const time = q.shape[1];
  const [dq, dk, dv] = [floats(q.shape), floats(k.shape), floats(v.shape)];
  forEachQuery(q, attrs, ({ b, h, t, query, key }, headDim) => {
    const delta = dot(dy.data, query, o.data, query, headDim);
    for (const j of visibleKeys(ranges, time, b, t)) {
      const score = attrs.scale * dot(q.data, query, k.data, key(j), headDim);
      const p = Math.exp(score - lse.data[(b * attrs.heads + h) * time + t]);
      const dScore = attrs.scale * p * (dot(dy.data, query, v.data, key(j), headDim) - delta);
      for (let d = 0; d < headDim; d++) {
        dq.data[query + d] += dScore * k.data[key(j) + d];
        dk.data[key(j) + d] += dScore * q.data[query + d];
        dv.data[key(j) + d] += p * dy.data[query + d];
      }
    }
  });
  return [dq, dk, dv];
}

registerCpuKernel<AttentionAttrs>('Attention', (inputs, attrs) =>
  referenceAttention(inputs.f('q'), inputs.f('k'), inputs.f('v'), inputs.i('ranges'), attrs),
);
registerCpuKernel<AttentionAttrs>('AttentionGrad', ({ f, i }, attrs) =>
  referenceAttentionGrad(f('q'), f('k'), f('v'), i('ranges'), f('o'), f('lse'), f('dy'), attrs),
);
