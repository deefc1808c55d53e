// Projected statistics on `simd`: one chunk of the vocabulary after the other through the product and the row kernels.
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { registerSimdKernel } from '../../backend/simd/simdKernel';
import { rowBytes } from '../../lib/blocks/blockTypes';
import { multiplyAt } from '../gemm/gemm.simd';
import { multiplyBlocksAt } from '../quantLinear/quantLinear.simd';
import { type HeldBlocks, VOCABULARY_CHUNK } from './projectedStatistics';

interface Attrs {
  temperature: number;
  /** where w and refW are in blocks */
  blocks: HeldBlocks | null;
  refBlocks: HeldBlocks | null;
}
type Inputs = Record<string, TensorInfo>;

/** What is known of a row: 8 float64, in a tensor of float32 (the kernels alone look inside). */
const MOMENTS = 16;

interface Chunk {
  first: number;
  width: number;
  /** address of [N, width] logits; the reference's, or 0 */
  logits: number;
  ref: number;
}

/** Products with the words first … first+width−1 of a vocabulary's weights, whichever way they are held. */
interface Head {
  vocabulary: number;
  /** c [rows, width] = x [rows, depth]·Wᵀ */
  project(first: number, width: number, rows: number, x: number, c: number): void;
  /** c [rows, depth] (+)= dy [rows, width]·W */
  back(first: number, width: number, rows: number, dy: number, c: number): void;
}

function headOfMatrix(backend: SimdBackend, w: TensorInfo, depth: number, blocks: HeldBlocks | null): Head {
  const start = backend.pointer(w);
  if (blocks) {
    const { type, shape } = blocks;
    const at = (first: number) => ({ type, w: start + first * rowBytes(type, depth), width: depth });
    return {
      vocabulary: shape[0],
      project: (first, width, m, a, c) =>
        multiplyBlocksAt(backend, { m, n: width, k: depth, a, ...at(first), transposed: true, c }),
      back: (first, width, m, a, c) =>
        multiplyBlocksAt(backend, {
          ...{ m, n: depth, k: width, a, ...at(first), transposed: false },
          ...{ init: first > 0 ? c : 0, c },
        }),
    };
  }
  const at = (first: number) => start + first * depth * 4;
  return {
    vocabulary: w.shape[0],
    project: (first, width, m, a, c) =>
      multiplyAt(backend, { m, n: width, k: depth, a, b: at(first), transposeB: true, c }),
    back: (first, width, m, a, c) =>
      multiplyAt(backend, {
        ...{ m, n: depth, k: width, a, b: at(first), transposeB: false },
        ...{ init: first > 0 ? c : 0, c },
      }),
  };
}

const policyHead = (backend: SimdBackend, { hidden, w }: Inputs, { blocks }: Attrs) =>
  headOfMatrix(backend, w, hidden.shape[1], blocks);

/** Computes the logits of one chunk after the other and hands them to `use`. */
function forEachChunk(backend: SimdBackend, inputs: Inputs, attrs: Attrs, use: (chunk: Chunk) => void): void {
  const { hidden, refHidden, refW } = inputs;
  const [rows, depth] = hidden.shape;
  const head = policyHead(backend, inputs, attrs);
  const refHead = refHidden ? headOfMatrix(backend, refW, depth, attrs.refBlocks) : null;
  const { vocabulary } = head;
  const size = [rows, Math.min(VOCABULARY_CHUNK, vocabulary)];
  const logits = backend.output(size);
  const ref = refHead ? backend.output(size) : null;
  for (let first = 0; first < vocabulary; first += VOCABULARY_CHUNK) {
    const width = Math.min(VOCABULARY_CHUNK, vocabulary - first);
    head.project(first, width, rows, backend.pointer(hidden), backend.pointer(logits));
    if (ref) refHead?.project(first, width, rows, backend.pointer(refHidden), backend.pointer(ref));
    use({ first, width, logits: backend.pointer(logits), ref: ref ? backend.pointer(ref) : 0 });
  }
  backend.release(logits);
  if (ref) backend.release(ref);
}

for (const withReference of [false, true]) {
  registerSimdKernel<Attrs>(`ProjectedStatistics${withReference ? 'Kl' : ''}`, (backend, inputs, attrs) => {
    const { hidden, targets } = inputs;
    const [rows] = hidden.shape;
    const { vocabulary } = policyHead(backend, inputs, attrs);
    const outputs = [backend.output([rows]), backend.output([rows]), backend.output([rows])];
    const moments = backend.output([rows, MOMENTS]);
    const kept = backend.pointer(moments);
    forEachChunk(backend, inputs, attrs, ({ first, width, logits, ref }) => {
      const at = backend.pointer(targets);
      backend.kernels.addToMoments(rows, width, first, vocabulary, 1 / attrs.temperature, logits, ref, at, kept);
    });
    const [logProb, entropy, kl] = outputs.map((info) => backend.pointer(info));
    backend.kernels.finishMoments(rows, Number(withReference), kept, logProb, entropy, kl);
    return [...outputs, moments];
  });
}

/** Turns every chunk's logits into their gradient and hands them to `use`. */
function forEachGradient(backend: SimdBackend, inputs: Inputs, attrs: Attrs, use: (chunk: Chunk) => void): void {
  const { hidden, targets, moments, dLogProb, dEntropy, dKl } = inputs;
  const [rows] = hidden.shape;
  const { vocabulary } = policyHead(backend, inputs, attrs);
  const [at, kept, dP, dH, dK] = [targets, moments, dLogProb, dEntropy, dKl].map((info) => backend.pointer(info));
  forEachChunk(backend, inputs, attrs, (chunk) => {
    const { first, width, logits, ref } = chunk;
    backend.kernels.momentsGrad(
      rows,
      width,
      first,
      vocabulary,
      1 / attrs.temperature,
      logits,
      ref,
      at,
      kept,
      dP,
      dH,
      dK,
    );
    use(chunk);
  });
}

registerSimdKernel<Attrs>('ProjectedStatisticsGradHidden', (backend, inputs, attrs) => {
  const [rows, depth] = inputs.hidden.shape;
  const out = backend.output([rows, depth]);
  const c = backend.pointer(out);
  const head = policyHead(backend, inputs, attrs);
  forEachGradient(backend, inputs, attrs, ({ first, width, logits }) => head.back(first, width, rows, logits, c));
  return out;
});

registerSimdKernel<Attrs>('ProjectedStatisticsGradWeight', (backend, inputs, attrs) => {
  const { hidden, w } = inputs;
  const [rows, depth] = hidden.shape;
  const out = backend.output(w.shape);
  forEachGradient(backend, inputs, attrs, ({ first, width, logits }) => {
    const c = backend.pointer(out) + first * depth * 4;
    const b = backend.pointer(hidden);
    multiplyAt(backend, { m: width, n: depth, k: rows, a: logits, transposeA: true, b, transposeB: false, c });
  });
  return out;
});
