// What attention must do, on any backend.
import type { Tensor3D } from '@tensorflow/tfjs-core';
import { type FloatTensor, floats, type IndexTensor, indices } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import {
  checksOf,
  float,
  index,
  type OpCase,
  type OpSuite,
  type PlainInputs,
  readAll,
  toTensor,
} from '../testing/opSuite';
import { normals, randomIndices } from '../testing/randomTensor';
import { type AttentionAttrs, attention } from './attention';
import { referenceAttention } from './attention.cpu';

/** What query t of row b sees: keys [start, end) and [own, t]. */
type Rule = (b: number, t: number) => [start: number, end: number, own: number];

const causal: Rule = () => [0, 0, 0];

function rangesOf(batch: number, time: number, rule: Rule): IndexTensor {
  const data = Array.from({ length: batch * time }, (_, i) => rule(Math.floor(i / time), i % time)).flat();
  return indices([batch, time, 3], data);
}

interface Sizes {
  batch?: number;
  time: number;
  heads?: number;
  kvHeads?: number;
  headDim?: number;
  /** of q and k: how large the scores become */
  spread?: number;
  tolerance?: number;
}

function attentionCase(title: string, sizes: Sizes, rule: Rule = causal): OpCase {
  const { batch = 2, time, heads = 2, kvHeads = heads, headDim = 8, spread = 1 } = sizes;
  const attrs: AttentionAttrs = { heads, kvHeads, scale: 1 / Math.sqrt(headDim) };
  return {
    title,
    inputs: {
      q: normals([batch, time, heads * headDim], 1, spread),
      k: normals([batch, time, kvHeads * headDim], 2, spread),
      v: normals([batch, time, kvHeads * headDim], 3),
      ranges: rangesOf(batch, time, rule),
    },
    op: ({ q, k, v, ranges }) => attention(q as Tensor3D, k as Tensor3D, v as Tensor3D, ranges as Tensor3D, attrs),
    reference: (inputs) => [
      referenceAttention(float(inputs, 'q'), float(inputs, 'k'), float(inputs, 'v'), index(inputs, 'ranges'), attrs)[0],
    ],
    differentiable: ['q', 'k', 'v'],
    probes: time > 60 ? 14 : 50,
    tolerance: sizes.tolerance ?? 2e-6,
    gradientTolerance: sizes.tolerance ?? 4e-6,
  };
}

/** Same inputs but for one of them. */
const withInput = (item: OpCase, changed: PlainInputs): OpCase => ({ ...item, inputs: { ...item.inputs, ...changed } });

const leftPadding: Rule = (b) => [3 * b, 3 * b, 3 * b];
/** Tokens 0 … 9 are a shared first attempt, then second attempts of six tokens each. */
const sharedPrefix: Rule = (_, t) => (t < 10 ? [0, 0, 0] : [0, 10, 10 + 6 * Math.floor((t - 10) / 6)]);
const window: Rule = (_, t) => [0, 0, Math.max(0, t - 4)];
const nothing: Rule = (b, t) => (b === 1 || t === 2 ? [0, 0, t + 1] : [0, 0, 0]);

/** Any two ranges in order, empty ones among them. */
function randomRanges(time: number): Rule {
  const draws = randomIndices([2 * time, 3], time + 1, 7).data;
  return (b, t) => {
    const [start, end, own] = [...draws.subarray(3 * (b * time + t), 3 * (b * time + t) + 3)].sort((x, y) => x - y);
    return [Math.min(start, t + 1), Math.min(end, t + 1), Math.min(own, t + 1)];
  };
}

const cases: OpCase[] = [
  attentionCase('one token', { time: 1, headDim: 4 }),
  attentionCase('one token, one head of one', { batch: 1, time: 1, heads: 1, headDim: 1 }),
  attentionCase('3 tokens, 3 heads of 5', { time: 3, heads: 3, headDim: 5 }),
  attentionCase('17 tokens, 4 heads over 2', { time: 17, heads: 4, kvHeads: 2 }),
  attentionCase('33 tokens, 6 heads over 2, head of 10', { time: 33, heads: 6, kvHeads: 2, headDim: 10 }),
  attentionCase('65 tokens, 3 heads over 1, head of 32', { batch: 1, time: 65, heads: 3, kvHeads: 1, headDim: 32 }),
  attentionCase('left padding of 0, 3 and 6', { batch: 3, time: 9 }, leftPadding),
  attentionCase('second attempts behind a shared first', { time: 28, heads: 4, kvHeads: 2 }, sharedPrefix),
  attentionCase('a sliding window of 5', { time: 33 }, window),
  attentionCase(
    '37 queries with ranges of their own',
    { time: 37, heads: 4, kvHeads: 2, headDim: 12 },
    randomRanges(37),
  ),
  attentionCase(
    '131 queries with ranges of their own',
    { batch: 1, time: 131, heads: 2, kvHeads: 1, headDim: 6 },
    randomRanges(131),
  ),
  attentionCase('131 tokens, all the past', { batch: 1, time: 131, heads: 2, kvHeads: 2, headDim: 9 }),
  attentionCase('queries that see nothing', { time: 7, heads: 3, kvHeads: 1, headDim: 6 }, nothing),
  // float32 knows a score of 80 to 4e-6 and a sum of eight such products to a few times that; exp passes it on as it is.
  attentionCase('scores around ±80', { time: 9, spread: 7, tolerance: 2e-5 }),
  withInput(attentionCase('equal scores', { time: 7 }), { q: floats([2, 7, 16]) }),
  withInput(attentionCase('values of zero', { time: 5 }), { v: floats([2, 5, 16]) }),
];

/** A prefix shared by two second attempts gives what each of them gives alone behind it. */
async function checkSharedPrefix(): Promise<void> {
  const attrs: AttentionAttrs = { heads: 2, kvHeads: 1, scale: 0.5 };
  const width = (t: FloatTensor) => t.shape[2];
  const [q, k, v] = [normals([1, 13, 8], 11), normals([1, 13, 4], 12), normals([1, 13, 4], 13)];
  const rows = (t: FloatTensor, at: number[]) =>
    floats(
      [1, at.length, width(t)],
      at.flatMap((i) => [...t.data.subarray(i * width(t), (i + 1) * width(t))]),
    );
  const run = (at: number[], rule: Rule) =>
    readAll(() => {
      const [q3, k3, v3] = [q, k, v].map((t) => toTensor(rows(t, at)) as Tensor3D);
      return attention(q3, k3, v3, toTensor(rangesOf(1, at.length, rule)) as Tensor3D, attrs);
    });
  // 5 tokens in front, then two attempts of 4.
  const packed = await run(
    Array.from({ length: 13 }, (_, i) => i),
    (_, t) => (t < 5 ? [0, 0, 0] : [0, 5, t < 9 ? 5 : 9]),
  );
  const second = await run([0, 1, 2, 3, 4, 9, 10, 11, 12], causal);
  assertClose(
    'packed = alone',
    Array.from(packed.values[0]).slice(9 * 8),
    Array.from(second.values[0]).slice(5 * 8),
    1e-6,
  );
}

/** A row's result does not depend on the rows around it, bit for bit. */
async function checkBatchIndependence(): Promise<void> {
  const item = attentionCase('', { batch: 8, time: 11, heads: 4, kvHeads: 2 });
  const part = (name: string, row: number) => {
    const { shape, data } = item.inputs[name];
    const size = data.length / 8;
    const slice = data.subarray(row * size, (row + 1) * size);
    const first = [1, ...shape.slice(1)];
    return data instanceof Int32Array ? indices(first, slice) : floats(first, slice);
  };
  const run = (inputs: PlainInputs) =>
    readAll(() => item.op(Object.fromEntries(Object.entries(inputs).map(([name, plain]) => [name, toTensor(plain)]))));
  const together = (await run(item.inputs)).values[0];
  const size = together.length / 8;
  for (let row = 0; row < 8; row++) {
    const alone = await run(Object.fromEntries(Object.keys(item.inputs).map((name) => [name, part(name, row)])));
    assertClose(
      '1×8 = 8×1',
      Array.from(together).slice(row * size, (row + 1) * size),
      alone.values[0],
      0,
      `row ${row}`,
    );
  }
}

export const attentionSuite: OpSuite = {
  op: 'attention',
  checks: [
    ...cases.flatMap(checksOf),
    { title: 'a shared prefix = each attempt alone', run: checkSharedPrefix },
    { title: 'batch independence', run: checkBatchIndependence },
  ],
};
