// AdamW for `webgpu`, in place and without reading anything back: partial sums of squares, one workgroup that turns them into
// norm, clip factor and this step's numbers, then the update. Three launches however many tensors there are: the backend keeps
// parameters, gradients and moments in one buffer each (parameterArenas.ts; more where a binding may not be that large).
// A norm that is not finite gives factor 0, and the update kernel leaves everything as it is.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, numbers, reductions } from '../../backend/webgpu/gpuProgram';
import type { AdamWAttrs } from './adamW';

/** Elements a workgroup of the norm adds up: 16 per lane. */
const CHUNK = 1024;

const squares = defineProgram('AdamW squares', () => ({
  storage: { grad: 'f32', partial: 'f32 out' },
  parameters: { offset: 'u32', size: 'u32', chunks: 'u32' },
  declarations: `${numbers}${reductions}`,
  body: `
  var total = 0.0;
  var broken = 0.0;
  for (var e = lane; e < ${CHUNK}u; e = e + 64u) {
    let at = groupIndex * ${CHUNK}u + e;
    if (at < params.size) {
      let g = grad[at];
      if (!isFiniteNumber(g)) { broken = max(broken, select(1.0, 2.0, isNan(g))); }
      total = total + g * g;
    }
  }
  let sum = reduceSum(total, lane);
  let worst = reduceMax(broken, lane);
  if (lane == 0u && groupIndex < params.chunks) {
    // The sum, and beside it what was seen: 0 numbers, 1 an infinity, 2 a NaN (drivers may drop NaN in comparisons).
    partial[2u * (params.offset + groupIndex)] = sum;
    partial[2u * (params.offset + groupIndex) + 1u] = worst;
  }`,
}));

const HYPER = 8;
const conclude = defineProgram('AdamW norm and step', () => ({
  // `changing`: step size, second correction and decay, other numbers at every step. As parameters they would be a new buffer each time.
  storage: { partial: 'f32', changing: 'f32', result: 'f32 out', hyper: 'f32 out' },
  parameters: {
    count: 'u32',
    maxNorm: 'f32',
    beta1: 'f32',
    beta2: 'f32',
    // 1 − beta, computed in float64: 1 − 0.999 has only three good digits in float32
    rest1: 'f32',
    rest2: 'f32',
    eps: 'f32',
    infinity: 'f32',
    nan: 'f32',
  },
  declarations: `${numbers}${reductions}`,
  body: `
  var total = 0.0;
  var broken = 0.0;
  for (var i = lane; i < params.count; i = i + 64u) {
    total = total + partial[2u * i];
    broken = max(broken, partial[2u * i + 1u]);
  }
  let sum = reduceSum(total, lane);
  let worst = reduceMax(broken, lane);
  if (lane == 0u) {
    var norm = sqrt(sum);
    if (worst == 1.0 || !isFiniteNumber(norm)) { norm = params.infinity; }
    if (worst == 2.0) { norm = params.nan; }
    var clip = 0.0;
    if (isFiniteNumber(norm)) {
      clip = 1.0;
      if (params.maxNorm > 0.0) { clip = min(1.0, params.maxNorm / (norm + 1e-6)); }
    }
    result[0] = norm;
    result[1] = clip;
    hyper[0] = clip;
    hyper[1] = params.beta1;
    hyper[2] = params.beta2;
    hyper[3] = params.rest1;
    hyper[4] = params.rest2;
    hyper[5] = params.eps;
    hyper[6] = changing[2];
    hyper[7] = changing[0];
    hyper[8] = changing[1];
  }`,
}));

const update = defineProgram('AdamW update', () => ({
  storage: { hyper: 'f32', p: 'f32 out', grad: 'f32', m: 'f32 out', v: 'f32 out' },
  parameters: { size: 'u32' },
  body: `
  let clip = hyper[0];
  if (clip == 0.0) { return; }
  let at = groupIndex * 64u + lane;
  if (at < params.size) {
    let g = grad[at] * clip;
    let mean = hyper[1] * m[at] + hyper[3] * g;
    let square = hyper[2] * v[at] + hyper[4] * g * g;
    m[at] = mean;
    v[at] = square;
    let value = p[at];
    p[at] = value - hyper[6] * value - hyper[7] * mean / (sqrt(square * hyper[8]) + hyper[5]);
  }`,
}));

function runAdamW(backend: GpuBackend, all: TensorInfo[], attrs: AdamWAttrs): TensorInfo {
  const { learningRate, beta1, beta2, eps, weightDecay, maxNorm, step } = attrs;
  const count = all.length / 4;
  const list = (kind: number) => all.slice(kind * count, (kind + 1) * count);
  const gathered = backend.gathered({ p: list(0), grad: list(1), m: list(2), v: list(3) });
  const chunksOf = (size: number) => Math.ceil(size / CHUNK);
  const chunks = gathered.reduce((total, { size }) => total + chunksOf(size), 0);
  const partial = backend.output([chunks, 2]);
  let offset = 0;
  for (const { grad, size } of gathered) {
    backend.run(squares, [grad, partial], { offset, size, chunks: chunksOf(size) }, chunksOf(size));
    offset += chunksOf(size);
  }
  const result = backend.output([2]);
  const hyper = backend.output([HYPER + 1]);
  const corrections = [learningRate / (1 - beta1 ** step), 1 / (1 - beta2 ** step), learningRate * weightDecay];
  const changing = backend.makeTensorInfo([3], 'float32', Float32Array.from(corrections));
  backend.run(
    conclude,
    [partial, changing, result, hyper],
    {
      count: chunks,
      maxNorm,
      beta1,
      beta2,
      rest1: 1 - beta1,
      rest2: 1 - beta2,
      eps,
      infinity: Number.POSITIVE_INFINITY,
      nan: Number.NaN,
    },
    1,
  );
  for (const { p, grad, m, v, size } of gathered)
    backend.run(update, [hyper, p, grad, m, v], { size }, Math.ceil(size / 64));
  backend.release(partial, changing, hyper);
  return result;
}

registerGpuKernel<AdamWAttrs>('AdamW', (backend, inputs, attrs) => runAdamW(backend, Object.values(inputs), attrs));
