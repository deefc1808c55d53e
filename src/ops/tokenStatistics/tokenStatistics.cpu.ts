// The truth of log-probability, entropy and KL from logits, float64. A logit of −Infinity is a token that cannot come.
import { type FloatTensor, floats, type IndexTensor, registerCpuKernel } from '../cpuKernel';

/** log softmax(row / temperature) of row n. */
function logSoftmax(logits: FloatTensor, n: number, temperature: number): Float64Array {
  const width = logits.shape[1];
  const row = logits.data.slice(n * width, (n + 1) * width).map((logit) => logit / temperature);
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = row.reduce((sum, z) => sum + Math.exp(z - largest), 0);
  return row.map((z) => z - largest - Math.log(total));
}

/** A target outside the vocabulary means token 0, as on the other backends: a kernel cannot throw on a GPU. */
function targetOf(targets: IndexTensor, n: number, width: number): number {
  const target = targets.data[n];
  return target >= 0 && target < width ? target : 0;
}

/** Σ p·f(log p) with 0·(−∞) = 0 */
function expectation(logP: Float64Array, value: (index: number) => number): number {
  let total = 0;
  for (let j = 0; j < logP.length; j++) if (logP[j] > Number.NEGATIVE_INFINITY) total += Math.exp(logP[j]) * value(j);
  return total;
}

/** @returns [logProb, entropy, kl], each [N] */
export function referenceTokenStatistics(
  logits: FloatTensor,
  targets: IndexTensor,
  refLogits: FloatTensor | null,
  temperature: number,
): FloatTensor[] {
  const [rows, width] = logits.shape;
  const [logProb, entropy, kl] = [floats([rows]), floats([rows]), floats([rows])];
  for (let n = 0; n < rows; n++) {
    const logP = logSoftmax(logits, n, temperature);
    logProb.data[n] = logP[targetOf(targets, n, width)];
    entropy.data[n] = expectation(logP, (j) => -logP[j]);
    if (refLogits) {
      const logQ = logSoftmax(refLogits, n, temperature);
      kl.data[n] = expectation(logP, (j) => logP[j] - logQ[j]);
    }
  }
  return [logProb, entropy, kl];
}

/** dlogits [N, V]; the formulas stand in tokenStatistics.ts. */
function referenceTokenStatisticsGrad(
  logits: FloatTensor,
  targets: IndexTensor,
  refLogits: FloatTensor | null,
  dLogProb: FloatTensor,
  dEntropy: FloatTensor,
  dKl: FloatTensor,
  temperature: number,
): FloatTensor {
  const [rows, width] = logits.shape;
  const dLogits = floats(logits.shape);
  for (let n = 0; n < rows; n++) {
    const logP = logSoftmax(logits, n, temperature);
    const logQ = refLogits ? logSoftmax(refLogits, n, temperature) : null;
    const entropy = expectation(logP, (j) => -logP[j]);
    const kl = logQ ? expectation(logP, (j) => logP[j] - logQ[j]) : 0;
    const target = targetOf(targets, n, width);
    for (let j = 0; j < width; j++) {
      const p = Math.exp(logP[j]);
      let d = dLogProb.data[n] * ((j === target ? 1 : 0) - p);
      if (p > 0) {
        d -= dEntropy.data[n] * p * (logP[j] + entropy);
        if (logQ) d += dKl.data[n] * p * (logP[j] - logQ[j] - kl);
      }
      dLogits.data[n * width + j] = d / temperature;
    }
  }
  return dLogits;
}

interface Attrs {
  temperature: number;
}
registerCpuKernel<Attrs>('TokenStatistics', ({ f, i }, { temperature }) =>
  referenceTokenStatistics(f('logits'), i('targets'), null, temperature),
);
registerCpuKernel<Attrs>('TokenStatisticsKl', ({ f, i }, { temperature }) =>
  referenceTokenStatistics(f('logits'), i('targets'), f('refLogits'), temperature),
);
registerCpuKernel<Attrs>('TokenStatisticsGrad', ({ f, i, names }, { temperature }) =>
  referenceTokenStatisticsGrad(
    f('logits'),
    i('targets'),
    names.includes('refLogits') ? f('refLogits') : null,
    f('dLogProb'),
    f('dEntropy'),
    f('dKl'),
    temperature,
  ),
);
