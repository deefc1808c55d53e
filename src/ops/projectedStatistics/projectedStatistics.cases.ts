// What statistics over a projected vocabulary must be, on any backend: those of the whole logits, in and across chunks.
import {
  add,
  getBackend,
  grads,
  memory,
  mul,
  type Scalar,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { type FloatTensor, type IndexTensor, indices } from '../cpuKernel';
import { referenceGemm } from '../gemm/gemm.cpu';
import { linear } from '../linear/linear';
import { unpacked } from '../quantLinear/quantLinear.cpu';
import type { Matrix } from '../quantLinear/quantMatrix';
import { assertClose } from '../testing/compare';
import { checksOf, float, index, type OpCase, type OpSuite, readAll, toTensor } from '../testing/opSuite';
import { randomBlocks } from '../testing/randomBlocks';
import { normals, randomIndices } from '../testing/randomTensor';
import { tokenStatistics } from '../tokenStatistics/tokenStatistics';
import { referenceTokenStatistics } from '../tokenStatistics/tokenStatistics.cpu';
import { projectedStatistics, VOCABULARY_CHUNK } from './projectedStatistics';

interface Options {
  temperature?: number;
  withReference?: boolean;
  targets?: IndexTensor;
  /** of the weights: large ones make logits of some tens */
  scale?: number;
}

function projectedCase(title: string, rows: number, depth: number, vocabulary: number, options: Options = {}): OpCase {
  const { temperature = 1, withReference = false, scale = 0.7 } = options;
  const { targets = randomIndices([rows], vocabulary, 3) } = options;
  const inputs: OpCase['inputs'] = {
    hidden: normals([rows, depth], 1),
    w: normals([vocabulary, depth], 2, scale),
    targets,
  };
  if (withReference) {
    inputs.refHidden = normals([rows, depth], 4);
    inputs.refW = normals([vocabulary, depth], 5, scale);
  }
  const project = (hidden: FloatTensor, w: FloatTensor) =>
    referenceGemm(hidden, w, { transposeA: false, transposeB: true, alpha: 1 });
  return {
    title,
    inputs,
    op: ({ hidden, w, targets, refHidden, refW }) => {
      const reference = refHidden ? { hidden: refHidden as Tensor2D, w: refW as Tensor2D } : null;
      const all = projectedStatistics(hidden as Tensor2D, w as Tensor2D, targets, { temperature, reference });
      return [all.logProb, all.entropy, all.kl];
    },
    reference: (given) =>
      referenceTokenStatistics(
        project(float(given, 'hidden'), float(given, 'w')),
        index(given, 'targets'),
        withReference ? project(float(given, 'refHidden'), float(given, 'refW')) : null,
        temperature,
      ),
    differentiable: ['hidden', 'w'],
    tolerance: 2e-6,
    gradientTolerance: 4e-6,
    probes: 12,
  };
}

const OVER = VOCABULARY_CHUNK + 37;

/** In one chunk and in several: the same as `tokenStatistics` of the logits. */
async function checkAgainstLogits(vocabulary: number): Promise<void> {
  const [hidden, w] = [normals([9, 6], 11), normals([vocabulary, 6], 12)];
  const at = randomIndices([9], vocabulary, 13);
  const { values } = await readAll(() => {
    const [h, matrix, targets] = [toTensor(hidden) as Tensor2D, toTensor(w) as Tensor2D, toTensor(at)];
    const loss = (of: (x: Tensor2D) => { logProb: Tensor; entropy: Tensor }) => (x: Tensor) => {
      const { logProb, entropy } = of(x as Tensor2D);
      return sum(mul(logProb, entropy)) as Scalar;
    };
    const chunked = loss((x) => projectedStatistics(x, matrix, targets));
    const whole = loss((x) => tokenStatistics(linear(x, matrix), targets));
    return [chunked(h), whole(h), grads(chunked)([h])[0], grads(whole)([h])[0]];
  });
  assertClose('value', values[0], values[1], 2e-6);
  assertClose('gradient', values[2], values[3], 4e-6);
}

/** A row's statistics do not depend on the rows around it. */
async function checkBatchIndependence(): Promise<void> {
  const [hidden, w] = [normals([4, 5], 21), normals([OVER, 5], 22)];
  const targets = randomIndices([4], OVER, 23);
  const of = (first: number, rows: number) =>
    readAll(() => {
      const part = toTensor({ shape: [rows, 5], data: hidden.data.slice(first * 5, (first + rows) * 5) }) as Tensor2D;
      const at = toTensor(indices([rows], targets.data.subarray(first, first + rows)));
      const { logProb, entropy } = projectedStatistics(part, toTensor(w) as Tensor2D, at);
      return [logProb, entropy];
    });
  const { values: together } = await of(0, 4);
  for (let row = 0; row < 4; row++) {
    const { values: alone } = await of(row, 1);
    alone.forEach((value, i) => {
      assertClose('1×4 = 4×1', [together[i][row]], value, 0, `statistic ${i} of row ${row}`);
    });
  }
}

/** A head in blocks: on `simd` the bits of the unpacked one, in and across chunks; with the same head as reference no divergence. */
async function checkHeadInBlocks(): Promise<void> {
  const shape: [number, number] = [OVER, 64];
  const [words, hidden] = [randomBlocks('Q8_0', shape, 41), normals([5, 64], 42)];
  const at = randomIndices([5], OVER, 43);
  const { values } = await readAll(() => {
    const targets = toTensor(at);
    const heads: Matrix[] = [
      { type: 'Q8_0', shape, blocks: toTensor(words) as Tensor1D },
      toTensor(unpacked('Q8_0', words, shape)) as Tensor2D,
    ];
    return heads.flatMap((w) => {
      const loss = (h: Tensor) => {
        const reference = { hidden: toTensor(hidden) as Tensor2D, w };
        const { logProb, entropy, kl } = projectedStatistics(h as Tensor2D, w, targets, { reference });
        return sum(add(mul(logProb, entropy), kl)) as Scalar;
      };
      const { kl } = projectedStatistics(toTensor(hidden) as Tensor2D, w, targets, {
        reference: { hidden: toTensor(hidden) as Tensor2D, w },
      });
      return [loss(toTensor(hidden)), grads(loss)([toTensor(hidden)])[0], kl];
    });
  });
  const tolerance = getBackend() === 'webgpu' ? 4e-6 : 0;
  assertClose('blocks', values[0], values[3], tolerance, 'value');
  assertClose('blocks', values[1], values[4], tolerance, 'gradient');
  assertClose('blocks', values[2], new Float64Array(5), 1e-6, 'KL to itself');
}

/** The gradient of a frozen head asks for nothing of the head, and nothing is left behind. */
async function checkFrozenHead(): Promise<void> {
  const before = memory().numTensors;
  const { values } = await readAll(() => {
    const [h, w] = [toTensor(normals([3, 4], 31)) as Tensor2D, toTensor(normals([OVER, 4], 32)) as Tensor2D];
    const at = toTensor(randomIndices([3], OVER, 33));
    const loss = (x: Tensor) => sum(projectedStatistics(x as Tensor2D, w, at).logProb) as Scalar;
    return grads(loss)([h]);
  });
  if (values.length !== 1 || values[0].length !== 12) throw new Error(`expected one gradient of 12, got ${values}.`);
  const left = memory().numTensors - before;
  if (left !== 0) throw new Error(`expected every tensor to be disposed, ${left} were left.`);
}

export const projectedStatisticsSuite: OpSuite = {
  op: 'projectedStatistics',
  checks: [
    ...[
      projectedCase('3 rows over 7 words', 3, 5, 7),
      projectedCase(`5 rows over ${OVER} words`, 5, 7, OVER),
      projectedCase(`5 rows over ${OVER} words with a reference, temperature 0.7`, 5, 7, OVER, {
        withReference: true,
        temperature: 0.7,
      }),
      projectedCase('3 rows over two chunks and a word, logits of some tens', 3, 8, 2 * VOCABULARY_CHUNK + 1, {
        withReference: true,
        scale: 6,
      }),
      projectedCase('targets outside the vocabulary mean token 0', 4, 3, OVER, {
        targets: indices([4], [-1, OVER, OVER - 1, 1 << 30]),
      }),
    ].flatMap((item) => checksOf(item)),
    { title: 'one chunk: as of the logits', run: () => checkAgainstLogits(VOCABULARY_CHUNK) },
    { title: 'three chunks: as of the logits', run: () => checkAgainstLogits(2 * VOCABULARY_CHUNK + 5) },
    { title: 'batch independence', run: checkBatchIndependence },
    { title: 'a frozen head', run: checkFrozenHead },
    { title: 'a head in blocks', run: checkHeadInBlocks, slowOnSoftwareGpu: true },
  ],
};
