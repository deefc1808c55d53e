// Projected statistics on `simd`: one chunk of the vocabulary after the other through the product and the row kernels.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { multiplyAt } from '../gemm/gemm.simd';
import { VOCABULARY_CHUNK } from './projectedStatistics';

interface Attrs {
  temperature: number;
}
type Inputs = Record<string, TensorInfo>;

/** What is known of a row: 8 float64, in a tensor of float32 (the kernels alone look inside). */
const MOMENTS = 16;

interface Chunk {
  first: number;
  width: number;
  /** address of the chunk's rows of w */
  w: number;
  /** address of [N, width] logits; the reference's, or 0 */
  logits: number;
  ref: number;
}

/** Computes the logits of one chunk after the other and hands them to `use`. */
function forEachChunk(backend: SimdBackend, inputs: Inputs, use: (chunk: Chunk) => void): void {
  const { hidden, w, refHidden, refW } = inputs;
  const [rows, depth] = hidden.shape;
  const vocabulary = w.shape[0];
  const size = [rows, Math.min(VOCABULARY_CHUNK, vocabulary)];
  const logits = backend.output(size);
  const ref = refHidden ? backend.output(size) : null;
  for (let first = 0; first < vocabulary; first += VOCABULARY_CHUNK) {
    const width = Math.min(VOCABULARY_CHUNK, vocabulary - first);
    const offset = first * depth * 4;
    const project = (from: TensorInfo, weights: TensorInfo, c: number) =>
      multiplyAt(backend, {
        ...{ m: rows, n: width, k: depth, a: backend.pointer(from), b: backend.pointer(weights) + offset },
        ...{ transposeB: true, c },
      });
    project(hidden, w, backend.pointer(logits));
    if (ref) project(refHidden, refW, backend.pointer(ref));
    const addresses = { logits: backend.pointer(logits), ref: ref ? backend.pointer(ref) : 0 };
    use({ first, width, w: backend.pointer(w) + offset, ...addresses });
  }
  backend.release(logits);
  if (ref) backend.release(ref);
}

for (const withReference of [false, true]) {
  registerSimdKernel<Attrs>(`ProjectedStatistics${withReference ? 'Kl' : ''}`, (backend, inputs, { temperature }) => {
    const { hidden, w, targets } = inputs;
    const [rows] = hidden.shape;
    const outputs = [backend.output([rows]), backend.output([rows]), backend.output([rows])];
    const moments = backend.output([rows, MOMENTS]);
    const kept = backend.pointer(moments);
    forEachChunk(backend, inputs, ({ first, width, logits, ref }) => {
      const at = backend.pointer(targets);
      backend.kernels.addToMoments(rows, width, first, w.shape[0], 1 / temperature, logits, ref, at, kept);
    });
    const [logProb, entropy, kl] = outputs.map((info) => backend.pointer(info));
    backend.kernels.finishMoments(rows, Number(withReference), kept, logProb, entropy, kl);
    return [...outputs, moments];
  });
}

/** Turns every chunk's logits into their gradient and hands them to `use`. */
function forEachGradient(backend: SimdBackend, inputs: Inputs, temperature: number, use: (chunk: Chunk) => void): void {
  const { hidden, w, targets, moments, dLogProb, dEntropy, dKl } = inputs;
  const [rows] = hidden.shape;
  const [at, kept, dP, dH, dK] = [targets, moments, dLogProb, dEntropy, dKl].map((info) => backend.pointer(info));
  forEachChunk(backend, inputs, (chunk) => {
    const { first, width, logits, ref } = chunk;
    backend.kernels.momentsGrad(rows, width, first, w.shape[0], 1 / temperature, logits, ref, at, kept, dP, dH, dK);
    use(chunk);
  });
}

registerSimdKernel<Attrs>('ProjectedStatisticsGradHidden', (backend, inputs, { temperature }) => {
  const [rows, depth] = inputs.hidden.shape;
  const out = backend.output([rows, depth]);
  const c = backend.pointer(out);
  forEachGradient(backend, inputs, temperature, ({ first, width, w, logits }) => {
    const init = first > 0 ? c : 0;
    multiplyAt(backend, { m: rows, n: depth, k: width, a: logits, b: w, transposeB: false, init, c });
  });
  return out;
});

registerSimdKernel<Attrs>('ProjectedStatisticsGradWeight', (backend, inputs, { temperature }) => {
  const { hidden, w } = inputs;
  const [rows, depth] = hidden.shape;
  const out = backend.output(w.shape);
  forEachGradient(backend, inputs, temperature, ({ first, width, logits }) => {
    const c = backend.pointer(out) + first * depth * 4;
    const b = backend.pointer(hidden);
    multiplyAt(backend, { m: width, n: depth, k: rows, a: logits, transposeA: true, b, transposeB: false, c });
  });
  return out;
});
