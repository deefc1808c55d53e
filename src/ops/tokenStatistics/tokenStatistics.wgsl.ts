// Log-probability, entropy and KL from logits for `webgpu`: a workgroup per row reads the row three times (largest, total,
// expectations) and keeps nothing. A logit of −∞ is a token that cannot come: it is skipped, never computed with.
import { registerGpuKernel } from '../../backend/webgpu/gpuKernel';
import { defineProgram, type GpuProgram, numbers, reductions, type StorageKind } from '../../backend/webgpu/gpuProgram';

/** (largest logit, log Σ exp((logit − largest) / temperature)) of a row. */
const softmaxOf = (name: string, matrix: string) => `
fn ${name}(n: u32, lane: u32) -> vec2f {
  var largest = LOWEST;
  for (var j = lane; j < params.width; j = j + 64u) {
    let z = ${matrix}[n * params.width + j];
    if (!isMinusInfinity(z)) { largest = max(largest, z); }
  }
  largest = reduceMax(largest, lane);
  var total = 0.0;
  for (var j = lane; j < params.width; j = j + 64u) {
    let z = ${matrix}[n * params.width + j];
    if (!isMinusInfinity(z)) { total = total + exp((z - largest) / params.temperature); }
  }
  return vec2f(largest, preciseLog(reduceSum(total, lane)));
}
`;

/** log p of token j, the large parts subtracted first; −∞ stays −∞. The same lines as the sampler's. */
const logP = (matrix: string, softmax: string) =>
  `(${matrix}[n * params.width + j] - ${softmax}.x) / params.temperature - ${softmax}.y`;

const expectations = (withReference: boolean) => `
  if (groupIndex >= params.rows) { return; }
  let n = groupIndex;
  let softmaxP = softmaxOfP(n, lane);
  ${withReference ? 'let softmaxQ = softmaxOfQ(n, lane);' : ''}
  var entropySum = 0.0;
  var klSum = 0.0;
  for (var j = lane; j < params.width; j = j + 64u) {
    if (!isMinusInfinity(logits[n * params.width + j])) {
      let logP = ${logP('logits', 'softmaxP')};
      entropySum = entropySum - exp(logP) * logP;
      ${withReference ? `if (exp(logP) > 0.0) { klSum = klSum + exp(logP) * (logP - (${logP('refLogits', 'softmaxQ')})); }` : ''}
    }
  }
  let rowEntropy = reduceSum(entropySum, lane);
  let rowKl = reduceSum(klSum, lane);`;

const declarations = (withReference: boolean) =>
  `${numbers}${reductions}${softmaxOf('softmaxOfP', 'logits')}${withReference ? softmaxOf('softmaxOfQ', 'refLogits') : ''}`;

const reference = (withReference: boolean): Record<string, StorageKind> => (withReference ? { refLogits: 'f32' } : {});

const forward = (withReference: boolean): GpuProgram =>
  defineProgram(`TokenStatistics${withReference ? 'Kl' : ''}`, () => ({
    storage: {
      logits: 'f32',
      targets: 'i32',
      ...reference(withReference),
      logProb: 'f32 out',
      entropy: 'f32 out',
      kl: 'f32 out',
    },
    parameters: { rows: 'u32', width: 'u32', temperature: 'f32' },
    declarations: declarations(withReference),
    body: `${expectations(withReference)}
  if (lane == 0u) {
    let j = select(0u, u32(targets[n]), u32(targets[n]) < params.width);
    logProb[n] = ${logP('logits', 'softmaxP')};
    entropy[n] = rowEntropy;
    kl[n] = rowKl;
  }`,
  }));

const gradient = (withReference: boolean): GpuProgram =>
  defineProgram(`TokenStatisticsGrad${withReference ? ' with reference' : ''}`, () => ({
    storage: {
      logits: 'f32',
      targets: 'i32',
      ...reference(withReference),
      dLogProb: 'f32',
      dEntropy: 'f32',
      ...(withReference ? { dKl: 'f32' } : {}),
      dLogits: 'f32 out',
    },
    parameters: { rows: 'u32', width: 'u32', temperature: 'f32' },
    declarations: declarations(withReference),
    body: `${expectations(withReference)}
  // Outside the vocabulary means token 0, as on every backend.
  let wanted = select(0u, u32(targets[n]), u32(targets[n]) < params.width);
  for (var j = lane; j < params.width; j = j + 64u) {
    let isTarget = select(0.0, 1.0, j == wanted);
    var d = dLogProb[n] * isTarget;
    if (!isMinusInfinity(logits[n * params.width + j])) {
      let logP = ${logP('logits', 'softmaxP')};
      let p = exp(logP);
      d = d - dLogProb[n] * p - dEntropy[n] * p * (logP + rowEntropy);
      ${withReference ? `if (p > 0.0) { d = d + dKl[n] * p * (logP - (${logP('refLogits', 'softmaxQ')}) - rowKl); }` : ''}
    }
    dLogits[n * params.width + j] = d / params.temperature;
  }`,
  }));

for (const withReference of [false, true]) {
  forward(withReference);
  gradient(withReference);
}

interface Attrs {
  temperature: number;
}

for (const withReference of [false, true]) {
  registerGpuKernel<Attrs>(
    withReference ? 'TokenStatisticsKl' : 'TokenStatistics',
    (backend, { logits, targets, refLogits }, { temperature }) => {
      const [rows, width] = logits.shape;
      const outputs = [backend.output([rows]), backend.output([rows]), backend.output([rows])];
      const inputs = withReference ? [logits, targets, refLogits] : [logits, targets];
      backend.run(forward(withReference), [...inputs, ...outputs], { rows, width, temperature }, rows);
      return outputs;
    },
  );
}

registerGpuKernel<Attrs>(
  'TokenStatisticsGrad',
  (backend, { logits, targets, refLogits, dLogProb, dEntropy, dKl }, { temperature }) => {
    const [rows, width] = logits.shape;
    const dLogits = backend.output(logits.shape);
    const inputs = refLogits
      ? [logits, targets, refLogits, dLogProb, dEntropy, dKl]
      : [logits, targets, dLogProb, dEntropy];
    backend.run(gradient(Boolean(refLogits)), [...inputs, dLogits], { rows, width, temperature }, rows);
    return dLogits;
  },
);
