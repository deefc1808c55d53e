// Sampling on `simd`; the work is in sampleTokens.as.ts.
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { SamplingAttrs } from './sampleTokens';

registerSimdKernel<SamplingAttrs>('SampleTokens', (backend, { logits, keys }, attrs) => {
  const [rows, width] = logits.shape;
  backend.reserveScratch(4 * width);
  const { temperature, topK, topP, seed } = attrs;
  const outputs = [backend.output([rows], 'int32'), backend.output([rows]), backend.output([rows])];
  const [from, streams, ids, logProb, entropy] = [logits, keys, ...outputs].map((info) => backend.pointer(info));
  const greedy = temperature === 0;
  const inverse = greedy ? 1 : 1 / temperature;
  backend.kernels.sampleTokens(
    rows,
    width,
    greedy ? 1 : 0,
    topK,
    topP,
    inverse,
    seed,
    from,
    streams,
    ids,
    logProb,
    entropy,
  );
  return outputs;
});
