// RMSNorm for `webgpu`: a workgroup per row. The gradient of the weight sums rows in chunks, then the chunks, in fixed order.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram, reductions } from '../../backend/webgpu/gpuProgram';

/** 1/rms of row n, all lanes together. */
const inverseRms = `${reductions}
fn inverseRms(n: u32, lane: u32) -> f32 {
  var squares = 0.0;
  for (var d = lane; d < params.width; d = d + 64u) {
    let value = x[n * params.width + d];
    squares = squares + value * value;
  }
  return inverseSqrt(reduceSum(squares, lane) / f32(params.width) + params.eps);
}
`;

const forward = defineProgram('RmsNorm', () => ({
  storage: { x: 'f32', weight: 'f32', y: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', eps: 'f32' },
  declarations: inverseRms,
  body: `
  if (groupIndex >= params.rows) { return; }
  let n = groupIndex;
  let inverse = inverseRms(n, lane);
  for (var d = lane; d < params.width; d = d + 64u) {
    y[n * params.width + d] = weight[d] * x[n * params.width + d] * inverse;
  }`,
}));

// With r = 1/rms and g = dy·weight: dx = r·g − x·r³·mean(g·x).
const gradInput = (plus: boolean): GpuProgram =>
  defineProgram(`RmsNormGradInput${plus ? ' + matrix' : ''}`, () => ({
    storage: { x: 'f32', weight: 'f32', dy: 'f32', dx: 'f32 out', ...(plus ? { plus: 'f32' as const } : {}) },
    parameters: { rows: 'u32', width: 'u32', eps: 'f32' },
    declarations: inverseRms,
    plus: plus ? undefined : () => gradInput(true),
    body: `
  if (groupIndex >= params.rows) { return; }
  let n = groupIndex;
  let inverse = inverseRms(n, lane);
  var along = 0.0;
  for (var d = lane; d < params.width; d = d + 64u) {
    let i = n * params.width + d;
    along = along + dy[i] * weight[d] * x[i];
  }
  let pull = reduceSum(along, lane) / f32(params.width) * inverse * inverse * inverse;
  for (var d = lane; d < params.width; d = d + 64u) {
    let i = n * params.width + d;
    dx[i] = ${plus ? 'plus[i] + ' : ''}inverse * dy[i] * weight[d] - x[i] * pull;
  }`,
  }));
gradInput(true);

/** Rows that one workgroup adds up. */
const ROWS_PER_CHUNK = 32;

const gradWeightChunks = defineProgram('RmsNormGradWeight chunks', () => ({
  storage: { x: 'f32', dy: 'f32', partial: 'f32 out' },
  parameters: { rows: 'u32', width: 'u32', eps: 'f32', chunks: 'u32' },
  declarations: inverseRms,
  body: `
  if (groupIndex >= params.chunks) { return; }
  let chunk = groupIndex;
  let last = min((chunk + 1u) * ${ROWS_PER_CHUNK}u, params.rows);
  for (var d = lane; d < params.width; d = d + 64u) { partial[chunk * params.width + d] = 0.0; }
  for (var n = chunk * ${ROWS_PER_CHUNK}u; n < last; n = n + 1u) {
    let inverse = inverseRms(n, lane);
    for (var d = lane; d < params.width; d = d + 64u) {
      let i = n * params.width + d;
      let at = chunk * params.width + d; // only this lane touches it
      partial[at] = partial[at] + dy[i] * x[i] * inverse;
    }
  }`,
}));

const gradWeightSum = defineProgram('RmsNormGradWeight sum', () => ({
  storage: { partial: 'f32', dWeight: 'f32 out' },
  parameters: { chunks: 'u32', width: 'u32' },
  body: `
  let d = groupIndex * 64u + lane;
  if (d < params.width) {
    var total = 0.0;
    for (var chunk = 0u; chunk < params.chunks; chunk = chunk + 1u) {
      total = total + partial[chunk * params.width + d];
    }
    dWeight[d] = total;
  }`,
}));

interface Attrs {
  eps: number;
}

registerGpuKernel<Attrs>('RmsNorm', (backend, { x, weight }, { eps }) => {
  const [rows, width] = x.shape;
  const y = backend.output(x.shape);
  backend.run(forward, [x, weight, y], { rows, width, eps }, rows);
  return y;
});

registerGpuKernel<Attrs>('RmsNormGradInput', (backend, { x, weight, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const dx = backend.output(x.shape);
  backend.run(gradInput(false), [x, weight, dy, dx], { rows, width, eps }, rows);
  return dx;
});

registerGpuKernel<Attrs>('RmsNormGradWeight', (backend, { x, dy }, { eps }) => {
  const [rows, width] = x.shape;
  const chunks = Math.ceil(rows / ROWS_PER_CHUNK);
  const partial = backend.output([chunks, width]);
  const dWeight = backend.output([width]);
  backend.run(gradWeightChunks, [x, dy, partial], { rows, width, eps, chunks }, chunks);
  backend.run(gradWeightSum, [partial, dWeight], { chunks, width }, Math.ceil(width / 64));
  backend.release(partial);
  return dWeight;
});
