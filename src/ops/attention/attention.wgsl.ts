// Attention for `webgpu`: one thread per query, keys and values in tiles through workgroup memory, softmax in one pass
// (Milakov & Gimelshein 2018, arXiv 1805.02867; tiling after Dao et al. 2022, arXiv 2205.14135). T × T scores are never stored: the
// backward pass computes them again from lse. dk and dv belong to one thread per key, which adds queries in order: deterministic.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram, numbers, type ParameterKind } from '../../backend/webgpu/gpuProgram';
import type { AttentionAttrs } from './attention';

const parameters: Record<string, ParameterKind> = {
  batch: 'u32',
  time: 'u32',
  heads: 'u32',
  kvHeads: 'u32',
  scale: 'f32',
  minusInfinity: 'f32',
};

/** Vectors a tile holds: two tiles of at most 8 KiB together with head dimensions up to 128. */
const tileLength = (headDim: number) => (headDim <= 64 ? 16 : headDim <= 128 ? 8 : 4);

/** Index of the head's vector at position t, in q-like and k-like tensors. */
const addressing = (headDim: number) => `
fn queryAt(b: u32, t: u32, h: u32) -> u32 { return ((b * params.time + t) * params.heads + h) * ${headDim}u; }
fn keyAt(b: u32, t: u32, g: u32) -> u32 { return ((b * params.time + t) * params.kvHeads + g) * ${headDim}u; }
fn sees(r0: u32, r1: u32, r2: u32, t: u32, j: u32) -> bool { return (j >= r0 && j < r1) || (j >= r2 && j <= t); }
`;

/** Every thread a query: b, h, t; its key head g; its ranges; `first` and `end` bound what any query of the group sees. */
const queryPerThread = `
  let blocks = (params.time + 63u) / 64u;
  let block = groupIndex % blocks;
  let h = (groupIndex / blocks) % params.heads;
  let b = groupIndex / blocks / params.heads;
  if (b >= params.batch) { return; }
  let g = h * params.kvHeads / params.heads;
  let t = block * 64u + lane;
  let isQuery = t < params.time;
  var r0 = 0u;
  var r1 = 0u;
  var r2 = params.time;
  if (isQuery) {
    let at = (b * params.time + t) * 3u;
    r0 = u32(max(ranges[at], 0));
    r1 = min(u32(max(ranges[at + 1u], 0)), params.time);
    r2 = u32(max(ranges[at + 2u], 0));
  }
  if (lane == 0u) {
    atomicStore(&firstSeen, params.time);
    atomicStore(&endSeen, 0u);
  }
  workgroupBarrier();
  if (r0 < r1) {
    atomicMin(&firstSeen, r0);
    atomicMax(&endSeen, r1);
  }
  if (isQuery && r2 <= t) {
    atomicMin(&firstSeen, r2);
    atomicMax(&endSeen, t + 1u);
  }
  workgroupBarrier();
  if (lane == 0u) {
    bounds = vec2u(atomicLoad(&firstSeen), atomicLoad(&endSeen));
  }
  let seen = workgroupUniformLoad(&bounds);
  let first = seen.x;
  let end = seen.y;`;
const queryPerThreadVariables = `
var<workgroup> firstSeen: atomic<u32>;
var<workgroup> endSeen: atomic<u32>;
var<workgroup> bounds: vec2u;`;

const keyTiles = (headDim: number) => {
  const tile = tileLength(headDim);
  return {
    declarations: `var<workgroup> keys: array<f32, ${tile * headDim}>;
var<workgroup> values: array<f32, ${tile * headDim}>;`,
    load: `
    workgroupBarrier();
    for (var e = lane; e < ${tile * headDim}u; e = e + 64u) {
      let j = j0 + e / ${headDim}u;
      if (j < end) {
        keys[e] = k[keyAt(b, j, g) + e % ${headDim}u];
        values[e] = v[keyAt(b, j, g) + e % ${headDim}u];
      }
    }
    workgroupBarrier();`,
  };
};

const forward = (headDim: number): GpuProgram =>
  defineProgram(`Attention ${headDim}`, () => {
    const tile = tileLength(headDim);
    const { declarations, load } = keyTiles(headDim);
    return {
      storage: { q: 'f32', k: 'f32', v: 'f32', ranges: 'i32', o: 'f32 out', stats: 'f32 out' },
      parameters,
      declarations: `${numbers}${addressing(headDim)}${queryPerThreadVariables}${declarations}`,
      body: `${queryPerThread}
  var query: array<f32, ${headDim}>;
  var sum: array<f32, ${headDim}>;
  if (isQuery) {
    for (var d = 0u; d < ${headDim}u; d = d + 1u) { query[d] = params.scale * q[queryAt(b, t, h) + d]; }
  }
  var largest = LOWEST;
  var total = 0.0;
  for (var j0 = first; j0 < end; j0 = j0 + ${tile}u) {${load}
    for (var i = 0u; i < ${tile}u; i = i + 1u) {
      if (j0 + i < end && sees(r0, r1, r2, t, j0 + i)) {
        var score = 0.0;
        for (var d = 0u; d < ${headDim}u; d = d + 1u) { score = score + query[d] * keys[i * ${headDim}u + d]; }
        if (score > largest) {
          let shrink = exp(largest - score);
          total = total * shrink;
          for (var d = 0u; d < ${headDim}u; d = d + 1u) { sum[d] = sum[d] * shrink; }
          largest = score;
        }
        let p = exp(score - largest);
        total = total + p;
        for (var d = 0u; d < ${headDim}u; d = d + 1u) { sum[d] = sum[d] + p * values[i * ${headDim}u + d]; }
      }
    }
  }
  if (isQuery) {
    let nothing = total == 0.0;
    for (var d = 0u; d < ${headDim}u; d = d + 1u) {
      o[queryAt(b, t, h) + d] = select(sum[d] / total, 0.0, nothing);
    }
    let row = (b * params.heads + h) * params.time + t;
    stats[2u * row] = select(largest + preciseLog(total), params.minusInfinity, nothing);
    stats[2u * row + 1u] = 0.0;
  }`,
    };
  });

// The forward pass leaves (lse, 0) for every query; this launch puts delta = dy·o in the second place, for the one that follows.
const gradQuery = (headDim: number): GpuProgram =>
  defineProgram(`AttentionGrad dq ${headDim}`, () => {
    const tile = tileLength(headDim);
    const { declarations, load } = keyTiles(headDim);
    return {
      storage: {
        q: 'f32',
        k: 'f32',
        v: 'f32',
        ranges: 'i32',
        stats: 'f32 out',
        o: 'f32',
        dy: 'f32',
        dq: 'f32 out',
      },
      parameters,
      declarations: `${addressing(headDim)}${queryPerThreadVariables}${declarations}`,
      body: `${queryPerThread}
  var query: array<f32, ${headDim}>;
  var dOut: array<f32, ${headDim}>;
  var sum: array<f32, ${headDim}>;
  var logTotal = 0.0;
  var delta = 0.0;
  if (isQuery) {
    for (var d = 0u; d < ${headDim}u; d = d + 1u) {
      query[d] = params.scale * q[queryAt(b, t, h) + d];
      dOut[d] = dy[queryAt(b, t, h) + d];
      delta = delta + dOut[d] * o[queryAt(b, t, h) + d];
    }
    let row = (b * params.heads + h) * params.time + t;
    logTotal = stats[2u * row];
    stats[2u * row + 1u] = delta;
  }
  for (var j0 = first; j0 < end; j0 = j0 + ${tile}u) {${load}
    for (var i = 0u; i < ${tile}u; i = i + 1u) {
      if (j0 + i < end && sees(r0, r1, r2, t, j0 + i)) {
        var score = 0.0;
        var dP = 0.0;
        for (var d = 0u; d < ${headDim}u; d = d + 1u) {
          score = score + query[d] * keys[i * ${headDim}u + d];
          dP = dP + dOut[d] * values[i * ${headDim}u + d];
        }
        let dScore = params.scale * exp(score - logTotal) * (dP - delta);
        for (var d = 0u; d < ${headDim}u; d = d + 1u) { sum[d] = sum[d] + dScore * keys[i * ${headDim}u + d]; }
      }
    }
  }
  if (isQuery) {
    for (var d = 0u; d < ${headDim}u; d = d + 1u) { dq[queryAt(b, t, h) + d] = sum[d]; }
  }`,
    };
  });

// One thread per key; the group's queries and dy pass through workgroup memory, head by head of those that share the key head.
const gradKeyValue = (headDim: number): GpuProgram =>
  defineProgram(`AttentionGrad dk dv ${headDim}`, () => {
    const tile = tileLength(headDim);
    return {
      storage: {
        q: 'f32',
        k: 'f32',
        v: 'f32',
        ranges: 'i32',
        stats: 'f32',
        dy: 'f32',
        dk: 'f32 out',
        dv: 'f32 out',
      },
      parameters,
      declarations: `${addressing(headDim)}
var<workgroup> queries: array<f32, ${tile * headDim}>;
var<workgroup> dOuts: array<f32, ${tile * headDim}>;`,
      body: `
  let blocks = (params.time + 63u) / 64u;
  let block = groupIndex % blocks;
  let g = (groupIndex / blocks) % params.kvHeads;
  let b = groupIndex / blocks / params.kvHeads;
  if (b >= params.batch) { return; }
  let j = block * 64u + lane;
  let isKey = j < params.time;
  let perGroup = params.heads / params.kvHeads;
  var key: array<f32, ${headDim}>;
  var value: array<f32, ${headDim}>;
  var dKey: array<f32, ${headDim}>;
  var dValue: array<f32, ${headDim}>;
  if (isKey) {
    for (var d = 0u; d < ${headDim}u; d = d + 1u) {
      key[d] = params.scale * k[keyAt(b, j, g) + d];
      value[d] = v[keyAt(b, j, g) + d];
    }
  }
  for (var h = g * perGroup; h < (g + 1u) * perGroup; h = h + 1u) {
    for (var t0 = 0u; t0 < params.time; t0 = t0 + ${tile}u) {
      workgroupBarrier();
      for (var e = lane; e < ${tile * headDim}u; e = e + 64u) {
        let t = t0 + e / ${headDim}u;
        if (t < params.time) {
          queries[e] = q[queryAt(b, t, h) + e % ${headDim}u];
          dOuts[e] = dy[queryAt(b, t, h) + e % ${headDim}u];
        }
      }
      workgroupBarrier();
      for (var i = 0u; i < ${tile}u; i = i + 1u) {
        let t = t0 + i;
        if (isKey && t < params.time) {
          let at = (b * params.time + t) * 3u;
          let r0 = u32(max(ranges[at], 0));
          let r1 = u32(max(ranges[at + 1u], 0));
          let r2 = u32(max(ranges[at + 2u], 0));
          if (sees(r0, r1, r2, t, j)) {
            let row = (b * params.heads + h) * params.time + t;
            var score = 0.0;
            var dP = 0.0;
            for (var d = 0u; d < ${headDim}u; d = d + 1u) {
              score = score + key[d] * queries[i * ${headDim}u + d];
              dP = dP + value[d] * dOuts[i * ${headDim}u + d];
            }
            let p = exp(score - stats[2u * row]);
            let dScore = params.scale * p * (dP - stats[2u * row + 1u]);
            for (var d = 0u; d < ${headDim}u; d = d + 1u) {
              dKey[d] = dKey[d] + dScore * queries[i * ${headDim}u + d];
              dValue[d] = dValue[d] + p * dOuts[i * ${headDim}u + d];
            }
          }
        }
      }
    }
  }
  if (isKey) {
    for (var d = 0u; d < ${headDim}u; d = d + 1u) {
      dk[keyAt(b, j, g) + d] = dKey[d];
      dv[keyAt(b, j, g) + d] = dValue[d];
    }
  }`,
    };
  });

/** Head dimensions of the usual models, for the compile sweep; others are compiled when they come. */
for (const headDim of [8, 32, 64, 128, 256]) {
  for (const program of [forward, gradQuery, gradKeyValue]) program(headDim);
}

function sizes(q: TensorInfo, { heads, kvHeads, scale }: AttentionAttrs) {
  const [batch, time, width] = q.shape;
  const values = { batch, time, heads, kvHeads, scale, minusInfinity: Number.NEGATIVE_INFINITY };
  return { batch, time, headDim: width / heads, blocks: Math.ceil(time / 64), values };
}

registerGpuKernel<AttentionAttrs>('Attention', (backend: GpuBackend, { q, k, v, ranges }, attrs) => {
  const { batch, time, headDim, blocks, values } = sizes(q, attrs);
  const o = backend.output(q.shape);
  // Pairs, of which the gradient needs the second: within 8 storage buffers there is no room for another list.
  const stats = backend.output([batch, attrs.heads, time, 2]);
  backend.run(forward(headDim), [q, k, v, ranges, o, stats], values, batch * attrs.heads * blocks);
  return [o, stats];
});

registerGpuKernel<AttentionAttrs>('AttentionGrad', (backend, { q, k, v, ranges, o, lse: stats, dy }, attrs) => {
  const { batch, headDim, blocks, values } = sizes(q, attrs);
  const [dq, dk, dv] = [backend.output(q.shape), backend.output(k.shape), backend.output(v.shape)];
  const groups = batch * attrs.heads * blocks;
  backend.run(gradQuery(headDim), [q, k, v, ranges, stats, o, dy, dq], values, groups);
  backend.run(gradKeyValue(headDim), [q, k, v, ranges, stats, dy, dk, dv], values, batch * attrs.kvHeads * blocks);
  return [dq, dk, dv];
});
