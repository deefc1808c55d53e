// Attention over a cache of slots for `webgpu`. First the new keys and values are written into the rows' own slots, then a
// workgroup per (row, new position, head) walks the chain 64 keys at a time: lanes are keys for the scores and dimensions for the sum.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram, numbers, reductions } from '../../backend/webgpu/gpuProgram';
import type { CachedAttentionAttrs } from './attentionCached';

const write = defineProgram('AttentionCached write', () => ({
  storage: { k: 'f32', v: 'f32', chains: 'i32', cacheK: 'f32 out', cacheV: 'f32 out' },
  parameters: { size: 'u32', time: 'u32', kvWidth: 'u32', links: 'u32', slots: 'u32', capacity: 'u32' },
  body: `
  let i = groupIndex * 64u + lane;
  if (i < params.size) {
    let token = i / params.kvWidth;
    let own = ((token / params.time + 1u) * params.links - 1u) * 2u;
    let slot = u32(chains[own]);
    let position = u32(chains[own + 1u]) + token % params.time;
    if (slot < params.slots && position < params.capacity) {
      let at = (slot * params.capacity + position) * params.kvWidth + i % params.kvWidth;
      cacheK[at] = k[i];
      cacheV[at] = v[i];
    }
  }`,
}));

const attend = (headDim: number): GpuProgram =>
  defineProgram(`AttentionCached attend ${headDim}`, () => {
    const perLane = Math.ceil(headDim / 64);
    return {
      storage: { q: 'f32', cacheK: 'f32', cacheV: 'f32', chains: 'i32', o: 'f32 out' },
      parameters: {
        count: 'u32',
        time: 'u32',
        heads: 'u32',
        kvHeads: 'u32',
        links: 'u32',
        capacity: 'u32',
        window: 'u32',
        scale: 'f32',
      },
      declarations: `${numbers}${reductions}
var<workgroup> query: array<f32, ${headDim}>;
var<workgroup> weights: array<f32, 64>;
var<workgroup> places: array<u32, 64>;
var<workgroup> visible: u32;
`,
      body: `
  if (groupIndex >= params.count) { return; }
  let h = groupIndex % params.heads;
  let t = (groupIndex / params.heads) % params.time;
  let r = groupIndex / params.heads / params.time;
  let kvHead = h * params.kvHeads / params.heads * ${headDim}u;
  let kvWidth = params.kvHeads * ${headDim}u;
  let chain = r * params.links * 2u;
  for (var d = lane; d < ${headDim}u; d = d + 64u) { query[d] = params.scale * q[groupIndex * ${headDim}u + d]; }
  if (lane == 0u) {
    visible = t + 1u;
    for (var l = 0u; l < params.links; l = l + 1u) { visible = visible + u32(max(chains[chain + 2u * l + 1u], 0)); }
  }
  let seen = workgroupUniformLoad(&visible);
  var largest = LOWEST;
  var total = 0.0;
  var sum: array<f32, ${perLane}>;
  let oldest = select(0u, seen - min(seen, params.window), params.window > 0u);
  for (var first = oldest; first < seen; first = first + 64u) {
    let inside = first + lane < seen;
    var score = LOWEST;
    if (inside) {
      // Which segment holds this key?
      var rest = first + lane;
      var l = 0u;
      while (l + 1u < params.links && rest >= u32(max(chains[chain + 2u * l + 1u], 0))) {
        rest = rest - u32(max(chains[chain + 2u * l + 1u], 0));
        l = l + 1u;
      }
      let place = (u32(chains[chain + 2u * l]) * params.capacity + rest) * kvWidth + kvHead;
      places[lane] = place;
      score = 0.0;
      for (var d = 0u; d < ${headDim}u; d = d + 1u) { score = score + query[d] * cacheK[place + d]; }
    }
    let larger = max(largest, reduceMax(score, lane));
    let weight = select(0.0, exp(score - larger), inside);
    weights[lane] = weight;
    let shrink = exp(largest - larger);
    total = total * shrink + reduceSum(weight, lane);
    largest = larger;
    for (var c = 0u; c < ${perLane}u; c = c + 1u) {
      let d = lane + 64u * c;
      if (d < ${headDim}u) {
        var part = sum[c] * shrink;
        for (var i = 0u; i < min(64u, seen - first); i = i + 1u) { part = part + weights[i] * cacheV[places[i] + d]; }
        sum[c] = part;
      }
    }
    workgroupBarrier();
  }
  for (var c = 0u; c < ${perLane}u; c = c + 1u) {
    let d = lane + 64u * c;
    if (d < ${headDim}u) { o[groupIndex * ${headDim}u + d] = sum[c] / total; }
  }`,
    };
  });

/** Head dimensions of the usual models, for the compile sweep; others are compiled when they come. */
for (const headDim of [8, 32, 64, 128, 256]) attend(headDim);

/** A kernel cannot throw on the GPU, but fresh chains are still on the CPU: look at them while it costs nothing. */
function checkRoom(backend: GpuBackend, chains: TensorInfo, time: number, capacity: number): void {
  const { values } = backend.tensorMap.get(chains.dataId);
  if (!(values instanceof Int32Array)) return;
  const [rows, links] = chains.shape;
  for (let r = 0; r < rows; r++) {
    const length = values[((r + 1) * links - 1) * 2 + 1];
    if (length + time > capacity) {
      throw new RangeError(
        `attentionCached: row ${r} expected room for ${time} positions after ${length}, the slot holds ${capacity}.`,
      );
    }
  }
}

registerGpuKernel<CachedAttentionAttrs>('AttentionCached', (backend, { q, k, v, cacheK, cacheV, chains }, attrs) => {
  const { heads, kvHeads, scale, window = 0 } = attrs;
  const [rows, time, width] = q.shape;
  const [slots, capacity, kvWidth] = cacheK.shape;
  const links = chains.shape[1];
  const headDim = width / heads;
  checkRoom(backend, chains, time, capacity);
  const size = rows * time * kvWidth;
  const o = backend.output(q.shape);
  backend.run(
    write,
    [k, v, chains, cacheK, cacheV],
    { size, time, kvWidth, links, slots, capacity },
    Math.ceil(size / 64),
  );
  const count = rows * time * heads;
  backend.run(
    attend(headDim),
    [q, cacheK, cacheV, chains, o],
    { count, time, heads, kvHeads, links, capacity, window, scale },
    count,
  );
  return o;
});
