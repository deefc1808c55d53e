// AdamW for `webgpu`, in place and without reading anything back: partial sums of squares, one workgroup that turns them into
// norm, clip factor and this step's numbers, then the updates, several tensors per launch where the device has the bindings.
// A norm that is not finite gives factor 0, and the update kernel leaves everything as it is.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram, numbers, reductions, type StorageKind } from '../../backend/webgpu/gpuProgram';
import type { AdamWAttrs } from './adamW';

/** Elements a workgroup of the norm adds up: 16 per lane. */
const CHUNK = 1024;

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const fields = (n: number, names: string[]) =>
  Object.fromEntries(range(n).flatMap((i) => names.map((name) => [`${name}${i}`, 'u32' as const])));

/** Which of n tensors a workgroup works on: `firstI` are workgroups, tensor i starts at workgroup first(i). */
const branches = (n: number, body: (i: number) => string) =>
  range(n)
    .map(
      (i) => `${i > 0 ? 'else ' : ''}if (groupIndex < params.end${i}) {
    let within = groupIndex - ${i > 0 ? `params.end${i - 1}` : '0u'};
    ${body(i)}
  }`,
    )
    .join('\n  ');

const squares = (n: number): GpuProgram =>
  defineProgram(`AdamW squares of ${n}`, () => ({
    storage: {
      ...Object.fromEntries(range(n).map((i): [string, StorageKind] => [`grad${i}`, 'f32'])),
      partial: 'f32 out',
    },
    parameters: { offset: 'u32', ...fields(n, ['size', 'end']) },
    declarations: `${numbers}${reductions}`,
    body: `
  var total = 0.0;
  var broken = 0.0;
  ${branches(
    n,
    (i) => `for (var e = lane; e < ${CHUNK}u; e = e + 64u) {
      let at = within * ${CHUNK}u + e;
      if (at < params.size${i}) {
        let g = grad${i}[at];
        if (!isFiniteNumber(g)) { broken = max(broken, select(1.0, 2.0, isNan(g))); }
        total = total + g * g;
      }
    }`,
  )}
  let sum = reduceSum(total, lane);
  let worst = reduceMax(broken, lane);
  if (lane == 0u && groupIndex < params.end${n - 1}) {
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

const update = (n: number): GpuProgram =>
  defineProgram(`AdamW update of ${n}`, () => ({
    storage: {
      hyper: 'f32',
      ...Object.fromEntries(
        range(n).flatMap((i): [string, StorageKind][] => [
          [`p${i}`, 'f32 out'],
          [`grad${i}`, 'f32'],
          [`m${i}`, 'f32 out'],
          [`v${i}`, 'f32 out'],
        ]),
      ),
    },
    parameters: fields(n, ['size', 'end']),
    body: `
  let clip = hyper[0];
  if (clip == 0.0) { return; }
  ${branches(
    n,
    (i) => `let at = within * 64u + lane;
    if (at < params.size${i}) {
      let g = grad${i}[at] * clip;
      let m = hyper[1] * m${i}[at] + hyper[3] * g;
      let v = hyper[2] * v${i}[at] + hyper[4] * g * g;
      m${i}[at] = m;
      v${i}[at] = v;
      let p = p${i}[at];
      p${i}[at] = p - hyper[6] * p - hyper[7] * m / (sqrt(v * hyper[8]) + hyper[5]);
    }`,
  )}`,
  }));

/** Tensors per launch that 8 (everywhere) to 17 storage buffers allow. */
const MOST_UPDATES = 4;
const MOST_SQUARES = 8;
for (const n of range(MOST_UPDATES)) update(n + 1);
for (const n of range(MOST_SQUARES)) squares(n + 1);

const sizeOf = (tensor: TensorInfo) => util.sizeFromShape(tensor.shape);

/** Runs `program(n)` over the list, `most` tensors at a time; `each` workgroup covers that many elements. */
function inBatches(
  count: number,
  most: number,
  each: number,
  size: (i: number) => number,
  launch: (indices: number[], parameters: Record<string, number>, groups: number) => void,
): void {
  for (let from = 0; from < count; from += most) {
    const indices = range(Math.min(most, count - from)).map((i) => from + i);
    let groups = 0;
    const parameters: Record<string, number> = {};
    indices.forEach((index, i) => {
      groups += Math.ceil(size(index) / each);
      parameters[`size${i}`] = size(index);
      parameters[`end${i}`] = groups;
    });
    launch(indices, parameters, groups);
  }
}

function runAdamW(backend: GpuBackend, all: TensorInfo[], attrs: AdamWAttrs): TensorInfo {
  const { learningRate, beta1, beta2, eps, weightDecay, maxNorm, step } = attrs;
  const count = all.length / 4;
  const [p, grad, m, v] = range(4).map((i) => all.slice(i * count, (i + 1) * count));
  const buffers = backend.device.limits.maxStorageBuffersPerShaderStage;
  const size = (i: number) => sizeOf(grad[i]);
  const chunks = range(count).reduce((total, i) => total + Math.ceil(size(i) / CHUNK), 0);
  const partial = backend.output([chunks, 2]);
  let offset = 0;
  inBatches(count, Math.min(MOST_SQUARES, buffers - 1), CHUNK, size, (indices, parameters, groups) => {
    const tensors = [...indices.map((i) => grad[i]), partial];
    backend.run(squares(indices.length), tensors, { offset, ...parameters }, groups);
    offset += groups;
  });
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
  const most = Math.min(MOST_UPDATES, Math.floor((buffers - 1) / 4));
  inBatches(count, most, 64, size, (indices, parameters, groups) => {
    const tensors = [hyper, ...indices.flatMap((i) => [p[i], grad[i], m[i], v[i]])];
    backend.run(update(indices.length), tensors, parameters, groups);
  });
  backend.release(partial, changing, hyper);
  return result;
}

registerGpuKernel<AdamWAttrs>('AdamW', (backend, inputs, attrs) => runAdamW(backend, Object.values(inputs), attrs));
