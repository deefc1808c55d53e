// LayerNorm for `webgpu`: a workgroup per row. The gradient of the weight: a thread per column adds up the rows in their order.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, reductions } from '../../backend/webgpu/gpuProgram';
import type { LayerNormAttrs } from './layerNorm';

/** (mean, 1/√(variance + eps)) of row n, all lanes together. */
const statistics = `${reductions}
fn statisticsOf(n: u32, lane: u32) -> vec2f {
  var sum = 0.0;
  for (var d = lane; d < params.width; d = d + 64u) { sum = sum + x[n * params.width + d]; }
  let mean = reduceSum(sum, lane) / f32(params.width);
  var squares = 0.0;
  for (var d = lane; d < params.width; d = d + 64u) {
    let off = x[n * params.width + d] - mean;
    squares = squares + off * off;
  }
  return vec2f(mean, inverseSqrt(reduceSum(squares, lane) / f32(params.width) + params.eps));
}
`;

const forward = defineProgram('LayerNorm', () => ({
  storage: { x: 'f32', weight: 'f32', bias: 'f32', y: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', eps: 'f32' },
  declarations: statistics,
  body: `
  if (groupIndex >= params.rows) { return; }
  let n = groupIndex;
  let row = statisticsOf(n, lane);
  for (var d = lane; d < params.width; d = d + 64u) {
    y[n * params.width + d] = (x[n * params.width + d] - row.x) * row.y * weight[d] + bias[d];
  }`,
}));

const gradInput = defineProgram('LayerNormGradInput', () => ({
  storage: { x: 'f32', weight: 'f32', dy: 'f32', dx: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', eps: 'f32' },
  declarations: statistics,
  body: `
  if (groupIndex >= params.rows) { return; }
  let n = groupIndex;
  let row = statisticsOf(n, lane);
  var plain = 0.0;
  var along = 0.0;
  for (var d = lane; d < params.width; d = d + 64u) {
    let i = n * params.width + d;
    plain = plain + dy[i] * weight[d];
    along = along + dy[i] * weight[d] * (x[i] - row.x) * row.y;
  }
  let meanPlain = reduceSum(plain, lane) / f32(params.width);
  let meanAlong = reduceSum(along, lane) / f32(params.width);
  for (var d = lane; d < params.width; d = d + 64u) {
    let i = n * params.width + d;
    dx[i] = row.y * (dy[i] * weight[d] - meanPlain - (x[i] - row.x) * row.y * meanAlong);
  }`,
}));

const rowStatistics = defineProgram('LayerNormGradWeight statistics', () => ({
  storage: { x: 'f32', stats: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', eps: 'f32' },
  declarations: statistics,
  body: `
  if (groupIndex >= params.rows) { return; }
  let row = statisticsOf(groupIndex, lane);
  if (lane == 0u) {
    stats[2u * groupIndex] = row.x;
    stats[2u * groupIndex + 1u] = row.y;
  }`,
}));

const gradWeight = defineProgram('LayerNormGradWeight', () => ({
  storage: { x: 'f32', dy: 'f32', stats: 'f32', dWeight: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32' },
  body: `
  let d = groupIndex * 64u + lane;
  if (d < params.width) {
    var ofWeight = 0.0;
    for (var n = 0u; n < params.rows; n = n + 1u) {
      let i = n * params.width + d;
      ofWeight = ofWeight + dy[i] * (x[i] - stats[2u * n]) * stats[2u * n + 1u];
    }
    dWeight[d] = ofWeight;
  }`,
}));

registerGpuKernel<LayerNormAttrs>('LayerNorm', (backend, { x, weight, bias }, { eps }) => {
  const [rows, width] = x.shape;
  const y = backend.output(x.shape);
  backend.run(forward, [x, weight, bias, y], { rows, width, eps }, rows);
  return y;
});

registerGpuKernel<LayerNormAttrs>('LayerNormGradInput', (backend, { x, weight, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const dx = backend.output(x.shape);
  backend.run(gradInput, [x, weight, dy, dx], { rows, width, eps }, rows);
  return dx;
});

registerGpuKernel<LayerNormAttrs>('LayerNormGradWeight', (backend, { x, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const stats = backend.output([rows, 2]);
  const dWeight = backend.output([width]);
  backend.run(rowStatistics, [x, stats], { rows, width, eps }, rows);
  backend.run(gradWeight, [x, dy, stats, dWeight], { rows, width }, Math.ceil(width / 64));
  backend.release(stats);
  return dWeight;
});
