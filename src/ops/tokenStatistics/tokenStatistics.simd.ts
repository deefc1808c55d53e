// Token statistics on `simd`; the work is in tokenStatistics.as.ts.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';

interface Attrs {
  temperature: number;
}

/** Address 0 = there is none. */
const optional = (backend: SimdBackend, info: TensorInfo | undefined) => (info ? backend.pointer(info) : 0);

for (const kernelName of ['TokenStatistics', 'TokenStatisticsKl']) {
  registerSimdKernel<Attrs>(kernelName, (backend, { logits, targets, refLogits }, { temperature }) => {
    const [rows, width] = logits.shape;
    const outputs = [backend.output([rows]), backend.output([rows]), backend.output([rows])];
    const [logProb, entropy, kl] = outputs.map((info) => backend.pointer(info));
    const [from, at, ref] = [backend.pointer(logits), backend.pointer(targets), optional(backend, refLogits)];
    backend.kernels.tokenStatistics(rows, width, 1 / temperature, from, at, ref, logProb, entropy, kl);
    return outputs;
  });
}

registerSimdKernel<Attrs>(
  'TokenStatisticsGrad',
  (backend, { logits, targets, refLogits, dLogProb, dEntropy, dKl }, { temperature }) => {
    const [rows, width] = logits.shape;
    const dLogits = backend.output(logits.shape);
    const [from, at, dP, dH, dK, out] = [logits, targets, dLogProb, dEntropy, dKl, dLogits].map((info) =>
      backend.pointer(info),
    );
    const ref = optional(backend, refLogits);
    backend.kernels.tokenStatisticsGrad(rows, width, 1 / temperature, from, at, ref, dP, dH, dK, out);
    return dLogits;
  },
);
