// What log-probability, entropy and KL must be, on any backend.
import { grads, mul, type Scalar, sum, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats, type IndexTensor, indices } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import { checksOf, float, index, type OpCase, type OpCheck, type OpSuite, readAll, toTensor } from '../testing/opSuite';
import { constants, normals, randomIndices } from '../testing/randomTensor';
import { tokenStatistics } from './tokenStatistics';
import { referenceTokenStatistics } from './tokenStatistics.cpu';
import golden from './tokenStatistics.golden.json';

interface Options {
  temperature?: number;
  refLogits?: FloatTensor;
  targets?: IndexTensor;
  tolerance?: number;
  gradientTolerance?: number;
}

function statisticsCase(title: string, logits: FloatTensor, options: Options = {}): OpCase {
  const [rows, width] = logits.shape;
  const { temperature = 1, refLogits, targets = randomIndices([rows], width, 7) } = options;
  return {
    title,
    inputs: refLogits ? { logits, targets, refLogits } : { logits, targets },
    op: ({ logits, targets, refLogits }) => {
      const ref = (refLogits as Tensor2D | undefined) ?? null;
      const { logProb, entropy, kl } = tokenStatistics(logits as Tensor2D, targets, { temperature, refLogits: ref });
      return [logProb, entropy, kl];
    },
    reference: (inputs) =>
      referenceTokenStatistics(
        float(inputs, 'logits'),
        index(inputs, 'targets'),
        inputs.refLogits ? float(inputs, 'refLogits') : null,
        temperature,
      ),
    differentiable: ['logits'],
    tolerance: options.tolerance ?? 1e-6,
    gradientTolerance: options.gradientTolerance ?? 2e-6,
  };
}

/** One row of ±80 in turn, one with a lone winner, one of all equals. */
const extremes = floats([3, 9]);
for (let j = 0; j < 9; j++) {
  extremes.data[j] = j % 2 ? 80 : -80;
  extremes.data[9 + j] = j === 4 ? 80 : -80;
  extremes.data[18 + j] = 80;
}

const NEVER = Number.NEGATIVE_INFINITY;
const masked = floats([2, 5], [NEVER, 0, 1, NEVER, 2, 3, NEVER, NEVER, NEVER, NEVER]);
/** Thousands of tokens that cannot come must not add up to anything. */
const mostlyMasked = constants([1, 4099], NEVER);
[0, 2050, 4098].forEach((j, i) => {
  mostlyMasked.data[j] = i;
});
const goldenShape = [21, 13];

/** The loss's gradient with `weights` on one of the three statistics, as the originals computed it. */
async function checkGolden(
  which: 0 | 1 | 2,
  temperature: number,
  want: { values: number[]; gradient: number[] },
  weights: number[],
): Promise<void> {
  const { values } = await readAll(() => {
    const targets = toTensor(indices([21], golden.targets));
    const refLogits = which === 2 ? (toTensor(floats(goldenShape, golden.refLogits)) as Tensor2D) : null;
    const statistic = (logits: Tensor) => {
      const all = tokenStatistics(logits as Tensor2D, targets, { temperature, refLogits });
      return [all.logProb, all.entropy, all.kl][which];
    };
    const logits = toTensor(floats(goldenShape, golden.logits));
    const loss = (x: Tensor) => sum(mul(statistic(x), toTensor(floats([21], weights)))) as Scalar;
    return [statistic(logits), grads(loss)([logits])[0]];
  });
  assertClose('golden value', values[0], want.values, 1e-6);
  assertClose('golden gradient', values[1], want.gradient, 2e-6);
}

const scored = golden.mask.reduce((total, bit) => total + bit, 0);
const meanWeights = golden.mask.map((bit) => bit / scored);
const goldenChecks: OpCheck[] = [
  ...golden.logProb.map((want) => ({
    title: `torch's log-probabilities at temperature ${want.temperature}`,
    run: () => checkGolden(0, want.temperature, want, golden.mask),
  })),
  { title: "torch's entropy", run: () => checkGolden(1, 1, golden.entropy, meanWeights) },
  { title: "torch's KL(policy ‖ reference)", run: () => checkGolden(2, 1, golden.kl, meanWeights) },
];

/** A policy that is its own reference: KL and its gradient are exactly 0, not nearly. */
async function checkKlOfEquals(): Promise<void> {
  const logits = normals([7, 33], 21, 3);
  const { values } = await readAll(() => {
    const [x, same] = [toTensor(logits) as Tensor2D, toTensor(logits) as Tensor2D];
    const kl = (policy: Tensor) =>
      tokenStatistics(policy as Tensor2D, toTensor(randomIndices([7], 33, 1)), { refLogits: same, temperature: 0.7 })
        .kl;
    return [kl(x), grads((policy: Tensor) => sum(kl(policy)) as Scalar)([x])[0]];
  });
  assertClose('KL of equals', values[0], new Float64Array(7), 0);
  assertClose('gradient of the KL of equals', values[1], new Float64Array(7 * 33), 0);
}

/** A row's statistics do not depend on the rows around it. */
async function checkBatchIndependence(): Promise<void> {
  const logits = normals([8, 67], 31, 4);
  const refLogits = normals([8, 67], 32, 4);
  const targets = randomIndices([8], 67, 33);
  const of = (first: number, rows: number) =>
    readAll(() => {
      const part = (t: FloatTensor) =>
        toTensor(floats([rows, 67], t.data.subarray(first * 67, (first + rows) * 67))) as Tensor2D;
      const at = toTensor(indices([rows], targets.data.subarray(first, first + rows)));
      const { logProb, entropy, kl } = tokenStatistics(part(logits), at, { refLogits: part(refLogits) });
      return [logProb, entropy, kl];
    });
  const { values: together } = await of(0, 8);
  for (let row = 0; row < 8; row++) {
    const { values: alone } = await of(row, 1);
    alone.forEach((value, i) => {
      assertClose('1×8 = 8×1', [together[i][row]], value, 0, `statistic ${i} of row ${row}`);
    });
  }
}

export const tokenStatisticsSuite: OpSuite = {
  op: 'tokenStatistics',
  checks: [
    ...[
      statisticsCase('one row of one token', normals([1, 1], 1)),
      statisticsCase('3 rows of 7', normals([3, 7], 2, 2)),
      statisticsCase('17 rows of 33, temperature 0.7', normals([17, 33], 3, 3), { temperature: 0.7 }),
      statisticsCase('130 rows of 65 with a reference', normals([130, 65], 4, 2), {
        refLogits: normals([130, 65], 5, 2),
      }),
      statisticsCase('3 rows of 1031 with a reference, temperature 1.3', normals([3, 1031], 6, 3), {
        refLogits: normals([3, 1031], 7, 3),
        temperature: 1.3,
      }),
      statisticsCase('logits of ±80', extremes),
      statisticsCase('logits of ±80 with a reference of 0', extremes, { refLogits: constants([3, 9], 0) }),
      statisticsCase('logits around 700', floats([1, 5], [700, 701, 702, 703, 704])),
      statisticsCase('targets outside the vocabulary mean token 0', normals([4, 7], 8), {
        targets: indices([4], [-1, 7, -100, 1 << 30]),
      }),
      statisticsCase('logits of ±10000', floats([1, 5], [10000, 0, -10000, 3, 9]), { targets: indices([1], [2]) }),
    ].flatMap(checksOf),
    // A token that cannot come has no finite difference: values only.
    ...[
      statisticsCase('logits of −infinity', masked, { targets: indices([2], [0, 0]) }),
      statisticsCase('logits of −infinity with a reference', masked, {
        targets: indices([2], [4, 0]),
        refLogits: floats([2, 5], [0.5, 0, 1, NEVER, 2, 3, NEVER, 1, NEVER, NEVER]),
      }),
      statisticsCase('three words left of 4099', mostlyMasked, {
        targets: indices([1], [4098]),
        refLogits: constants([1, 4099], 0),
      }),
      statisticsCase('a reference that never says what the policy says', floats([1, 3], [0, 1, 2]), {
        refLogits: floats([1, 3], [0, NEVER, 2]),
      }),
    ].flatMap((item) => checksOf({ ...item, differentiable: undefined })),
    ...goldenChecks,
    { title: 'a policy that equals its reference', run: checkKlOfEquals },
    { title: 'batch independence', run: checkBatchIndependence },
  ],
};
