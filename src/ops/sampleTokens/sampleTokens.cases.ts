// What sampling must do, on any backend.
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { counterUniform } from '../../lib/counterRng';
import { type FloatTensor, floats, type IndexTensor, indices } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import { type OpCheck, type OpSuite, readAll, toTensor } from '../testing/opSuite';
import { constants, normals } from '../testing/randomTensor';
import { tokenStatistics } from '../tokenStatistics/tokenStatistics';
import { type SamplingAttrs, sampleTokens } from './sampleTokens';
import { keptTokens, referenceSampleTokens } from './sampleTokens.cpu';
import golden from './sampleTokens.golden.json';

const plain: SamplingAttrs = { temperature: 1, topK: 0, topP: 1, seed: 20261121 };

async function sample(logits: FloatTensor, keys: IndexTensor, attrs: SamplingAttrs) {
  const { values } = await readAll(() => {
    const { ids, logProb, entropy } = sampleTokens(toTensor(logits) as Tensor2D, toTensor(keys), attrs);
    return [ids, logProb, entropy];
  });
  return { ids: values[0], logProb: values[1], entropy: values[2] };
}

/** Row r draws number `position` of stream r. */
const keysFor = (rows: number, position = 3) =>
  indices([rows, 2], Array.from({ length: rows }, (_, r) => [r, position]).flat());

/** How far u is from the nearest border between two tokens; near a border float32 may rightly choose the neighbour. */
function separation(row: Float64Array, u: number, { temperature, topK, topP }: SamplingAttrs): number {
  const largest = Math.max(...row);
  const weights = row.map((logit) => Math.exp((logit - largest) / (temperature || 1)));
  const all = weights.reduce((a, b) => a + b, 0);
  const p = weights.map((weight) => weight / all);
  const kept = keptTokens(p, topK, topP);
  const total = p.reduce((sum, value, j) => sum + (kept[j] ? value : 0), 0);
  let cumulative = 0;
  let nearest = 1;
  for (let j = 0; j < p.length; j++) {
    if (!kept[j]) continue;
    cumulative += p[j] / total;
    if (cumulative < 1 - 1e-9) nearest = Math.min(nearest, Math.abs(cumulative - u));
  }
  return nearest;
}

/** Ids exactly as the reference's wherever they are well separated; at least nine in ten rows must be. */
async function checkAgainstReference(logits: FloatTensor, attrs: SamplingAttrs): Promise<void> {
  const [rows, width] = logits.shape;
  const keys = keysFor(rows);
  const want = referenceSampleTokens(logits, keys, attrs);
  const got = await sample(logits, keys, attrs);
  const clear = Array.from({ length: rows }, (_, r) => {
    const u = counterUniform(attrs.seed, keys.data[2 * r], keys.data[2 * r + 1]);
    return attrs.temperature === 0 || separation(logits.data.subarray(r * width, (r + 1) * width), u, attrs) > 1e-5;
  });
  const clearRows = clear.flatMap((isClear, r) => (isClear ? [r] : []));
  if (clearRows.length < 0.9 * rows)
    throw new Error(`expected 9 of 10 rows well separated, got ${clearRows.length} of ${rows}.`);
  const pick = (values: ArrayLike<number>) => clearRows.map((r) => values[r]);
  assertClose('ids', pick(got.ids), pick(want[0].data), 0);
  assertClose('log-probability', pick(got.logProb), pick(want[1].data), 1e-6);
  assertClose('entropy', got.entropy, want[2].data, 1e-6);
}

/** 2000 draws from one distribution; χ² with 6 degrees of freedom exceeds 22.46 once in a thousand seeds. */
async function checkDistribution(): Promise<void> {
  const row = [0.3, -1.1, 1.7, 0, 0.9, -0.4, 1.2].map(Math.fround);
  const draws = 2000;
  const logits = floats([draws, 7], Array.from({ length: draws }, () => row).flat());
  const { ids } = await sample(logits, keysFor(draws, 11), { ...plain, temperature: 0.8 });
  const weights = row.map((logit) => Math.exp(logit / 0.8));
  const total = weights.reduce((a, b) => a + b, 0);
  const counts = new Array<number>(7).fill(0);
  for (let r = 0; r < draws; r++) counts[ids[r]]++;
  const chiSquare = counts.reduce((sum, count, j) => {
    const expected = (draws * weights[j]) / total;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  if (!(chiSquare < 22.46)) throw new Error(`expected χ² below 22.46, got ${chiSquare} from counts ${counts}.`);
}

const logitsOf = (values: (number | string)[]) =>
  values.map((value) => (value === '-inf' ? Number.NEGATIVE_INFINITY : Number(value)));

/** What the originals keep is what can be drawn: 10 draws a row stay inside, and the reference keeps the very same. */
async function checkGolden(item: (typeof golden.cases)[number]): Promise<void> {
  const rows = item.kept.length;
  const draws = 10;
  const values = logitsOf(item.logits ?? golden.logits);
  const width = values.length / rows;
  const rowsOfLogits = item.kept.map((_, row) => values.slice(row * width, (row + 1) * width));
  const repeated = rowsOfLogits.flatMap((row) => Array.from({ length: draws }, () => row).flat());
  const attrs = { ...plain, temperature: item.temperature, topK: item.topK, topP: item.topP };
  const { ids } = await sample(floats([rows * draws, width], repeated), keysFor(rows * draws), attrs);
  rowsOfLogits.forEach((row, r) => {
    const largest = Math.max(...row);
    const weights = Float64Array.from(row, (logit) => Math.exp((logit - largest) / item.temperature));
    const total = weights.reduce((a, b) => a + b, 0);
    const mask = keptTokens(
      weights.map((weight) => weight / total),
      item.topK,
      item.topP,
    );
    // A probability that underflows to 0 is a tie of nothing with nothing: only what can be drawn is compared.
    const kept = mask.flatMap((isKept, j) => (isKept && weights[j] > 0 ? [j] : []));
    const want = item.kept[r].filter((j) => weights[j] > 0);
    if (item.countOnly ? kept.length !== want.length : String(kept) !== String(want)) {
      throw new Error(`row ${r}: expected to keep ${want}, got ${kept}.`);
    }
    for (const id of Array.from(ids).slice(r * draws, (r + 1) * draws)) {
      if (!kept.includes(id)) throw new Error(`row ${r}: drew ${id}, kept are ${kept}.`);
    }
  });
}

/** The log-probability and entropy kept with a token are what the loss will compute for it from the same logits. */
async function checkAgainstTokenStatistics(): Promise<void> {
  const logits = normals([33, 65], 51, 3);
  const keys = keysFor(33, 9);
  const { values } = await readAll(() => {
    const x = toTensor(logits) as Tensor2D;
    const drawn = sampleTokens(x, toTensor(keys), { ...plain, temperature: 0.7, topK: 9 });
    const { logProb, entropy } = tokenStatistics(x, drawn.ids, { temperature: 0.7 });
    return [drawn.logProb, logProb, drawn.entropy, entropy];
  });
  assertClose('drawn = recomputed', values[0], values[1], 1e-6, 'log-probability');
  assertClose('drawn = recomputed', values[2], values[3], 1e-6, 'entropy');
}

/** Row r of a batch draws what it draws alone. */
async function checkBatchIndependence(): Promise<void> {
  const logits = normals([8, 65], 41, 3);
  const keys = keysFor(8, 5);
  const attrs = { ...plain, topK: 20, topP: 0.9 };
  const together = await sample(logits, keys, attrs);
  for (let r = 0; r < 8; r++) {
    const alone = await sample(
      floats([1, 65], logits.data.subarray(r * 65, (r + 1) * 65)),
      indices([1, 2], keys.data.subarray(2 * r, 2 * r + 2)),
      attrs,
    );
    assertClose('1×8 = 8×1', [together.ids[r], together.logProb[r]], [alone.ids[0], alone.logProb[0]], 0, `row ${r}`);
  }
}

const reference = (title: string, logits: FloatTensor, attrs: Partial<SamplingAttrs>): OpCheck => ({
  title,
  run: () => checkAgainstReference(logits, { ...plain, ...attrs }),
});

const NEVER = Number.NEGATIVE_INFINITY;

export const sampleTokensSuite: OpSuite = {
  op: 'sampleTokens',
  checks: [
    reference('one token to choose from', normals([3, 1], 1), {}),
    reference('17 rows of 7', normals([17, 7], 2), {}),
    reference('200 rows of 65, temperature 0.7', normals([200, 65], 3, 2), { temperature: 0.7 }),
    reference('a seed of 32 bits', normals([33, 17], 4), { seed: 0xfedcba98 }),
    reference('3 rows of 4099', normals([3, 4099], 5, 3), {}),
    reference('greedy', normals([33, 65], 6), { temperature: 0 }),
    reference('greedy among equals takes the lowest id', constants([3, 9], 1.5), { temperature: 0 }),
    reference('equal logits', constants([65, 9], -3), {}),
    reference('equal logits, top-k 3 keeps all', constants([65, 9], -3), { topK: 3 }),
    reference('equal logits, top-p 0.4 keeps the lowest ids', constants([65, 9], -3), { topP: 0.4 }),
    reference('top-k 5', normals([130, 33], 7, 2), { topK: 5 }),
    reference('top-k 1 is greedy', normals([33, 33], 8, 2), { topK: 1 }),
    reference('top-p 0.9', normals([130, 33], 9, 2), { topP: 0.9 }),
    reference('top-p 0 keeps one', normals([33, 33], 10, 2), { topP: 0 }),
    reference('temperature 1.3, top-k 20, top-p 0.8', normals([130, 65], 11, 2), {
      temperature: 1.3,
      topK: 20,
      topP: 0.8,
    }),
    reference('logits of ±80', normals([33, 17], 12, 40), {}),
    reference('logits of −infinity', floats([2, 5], [NEVER, 0, NEVER, 1, NEVER, 7, NEVER, NEVER, NEVER, NEVER]), {
      topK: 4,
    }),
    { title: 'frequencies of 2000 draws', run: checkDistribution },
    { title: 'what is kept with a token is what the loss recomputes', run: checkAgainstTokenStatistics },
    { title: 'batch independence', run: checkBatchIndependence },
    ...golden.cases.map((item) => ({
      title: `kept as transformers keeps: ${item.name}`,
      run: () => checkGolden(item),
    })),
  ],
};
