// AdamW on `simd`: lists the work for adamW.as.ts, in chunks that do not depend on the number of threads.
import { util } from '@tensorflow/tfjs-core';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import type { AdamWAttrs } from './adamW';

/** Elements. */
const CHUNK = 16384;
/** 32-bit words of one entry of the list, as in adamW.as.ts. */
const ENTRY_WORDS = 6;

registerSimdKernel<AdamWAttrs>('AdamW', (backend, inputs, attrs) => {
  const all = Object.values(inputs);
  const count = all.length / 4;
  const params = all.slice(0, count);
  const chunksOf = params.map(({ shape }) => Math.ceil(util.sizeFromShape(shape) / CHUNK));
  const chunks = chunksOf.reduce((sum, n) => sum + n, 0);
  const result = backend.output([2]);
  const sums = backend.output([2 * Math.max(1, chunks)]); // float64
  const list = backend.output([ENTRY_WORDS * Math.max(1, chunks)], 'int32');
  const words = backend.view(list);
  let at = 0;
  params.forEach(({ shape }, i) => {
    const size = util.sizeFromShape(shape);
    const addresses = [0, 1, 2, 3].map((part) => backend.pointer(all[part * count + i]));
    for (let first = 0; first < size; first += CHUNK) {
      addresses.forEach((address, part) => {
        words[at + part] = address + 4 * first;
      });
      words[at + 4] = Math.min(CHUNK, size - first);
      at += ENTRY_WORDS;
    }
  });
  const { learningRate, beta1, beta2, eps, weightDecay, maxNorm, step } = attrs;
  backend.forgetPacked(...params.map(({ dataId }) => dataId));
  backend.kernels.adamW(
    chunks,
    backend.pointer(list),
    backend.pointer(sums),
    backend.pointer(result),
    maxNorm,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    learningRate * weightDecay,
    learningRate / (1 - beta1 ** step),
    1 / Math.sqrt(1 - beta2 ** step),
    eps,
  );
  backend.release(sums, list);
  return result;
});
