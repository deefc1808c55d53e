// What attention over a cache must do, on any backend.
import { slice, type Tensor, type Tensor3D, tidy } from '@tensorflow/tfjs-core';
import { type AttentionAttrs, attention } from '../attention/attention';
import { type FloatTensor, floats, type IndexTensor, indices } from '../cpuKernel';
import { assertClose } from '../testing/compare';
import { type OpCheck, type OpSuite, toTensor } from '../testing/opSuite';
import { normals } from '../testing/randomTensor';
import { attentionCached } from './attentionCached';
import { referenceAttentionCached } from './attentionCached.cpu';

interface Setting {
  title: string;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** new tokens of every row */
  time: number;
  slots: number;
  capacity: number;
  /** (slot, length) of every row's segments */
  chains: [slot: number, length: number][][];
  window?: number;
}

const copy = ({ shape, data }: FloatTensor) => floats(shape, data);
const chainTensor = (chains: Setting['chains']): IndexTensor =>
  indices([chains.length, chains[0].length, 2], chains.flat(2));

/** Output and both caches against the reference, in float64. */
async function checkAgainstReference(setting: Setting): Promise<void> {
  const { heads, kvHeads, headDim, time, slots, capacity, window } = setting;
  const attrs = { heads, kvHeads, scale: 1 / Math.sqrt(headDim), window };
  const rows = setting.chains.length;
  const [q, k, v] = [heads, kvHeads, kvHeads].map((count, i) => normals([rows, time, count * headDim], 1 + i));
  const [cacheK, cacheV] = [4, 5].map((seed) => normals([slots, capacity, kvHeads * headDim], seed));
  const chains = chainTensor(setting.chains);
  const truth = { k: copy(cacheK), v: copy(cacheV) };
  const want = referenceAttentionCached(q, k, v, truth.k, truth.v, chains, attrs);
  const caches = [toTensor(cacheK) as Tensor3D, toTensor(cacheV) as Tensor3D];
  const out = tidy(() => {
    const [newQ, newK, newV] = [q, k, v].map((t) => toTensor(t) as Tensor3D);
    return attentionCached(newQ, newK, newV, caches[0], caches[1], toTensor(chains), attrs);
  });
  assertClose('value', await out.data(), want.data, 2e-6);
  assertClose('cache of keys', await caches[0].data(), truth.k.data, 0);
  assertClose('cache of values', await caches[1].data(), truth.v.data, 0);
  for (const t of [out, ...caches]) t.dispose();
}

const settings: Setting[] = [
  {
    title: 'the very first token',
    ...{ heads: 1, kvHeads: 1, headDim: 4, time: 1, slots: 1, capacity: 1 },
    chains: [[[0, 0]]],
  },
  {
    title: 'one token each, pasts of different length',
    ...{ heads: 4, kvHeads: 2, headDim: 8, time: 1, slots: 5, capacity: 33 },
    chains: [[[0, 3]], [[4, 0]], [[2, 31]], [[1, 17]]],
  },
  {
    title: 'a prompt read at once',
    ...{ heads: 3, kvHeads: 1, headDim: 10, time: 17, slots: 3, capacity: 20 },
    chains: [[[2, 0]], [[0, 3]]],
  },
  {
    title: 'eight rows behind one shared prompt and two first attempts',
    ...{ heads: 4, kvHeads: 4, headDim: 8, time: 1, slots: 11, capacity: 24 },
    chains: Array.from({ length: 8 }, (_, r) => [
      [8, 24],
      [9 + (r % 2), 7 + (r % 2)],
      [r, r],
    ]),
  },
  {
    title: 'unused segments in front and between',
    ...{ heads: 6, kvHeads: 2, headDim: 5, time: 3, slots: 4, capacity: 13 },
    chains: [
      [
        [0, 0],
        [3, 9],
        [1, 2],
      ],
      [
        [3, 5],
        [0, 0],
        [2, 10],
      ],
    ],
  },
  {
    title: 'seven new tokens behind three long segments each',
    ...{ heads: 4, kvHeads: 2, headDim: 9, time: 7, slots: 9, capacity: 140 },
    chains: Array.from({ length: 5 }, (_, r) => [
      [5, 133 - 7 * r],
      [6 + (r % 3), (41 * r) % 131],
      [8, 1 + r],
      [r, (67 * r) % 129],
    ]),
  },
  ...[1, 4, 11, 200].map((window) => ({
    title: `a window of ${window} over three segments`,
    ...{ heads: 4, kvHeads: 2, headDim: 6, time: 5, slots: 6, capacity: 40, window },
    chains: Array.from({ length: 3 }, (_, r): [number, number][] => [
      [3, 9 + r],
      [4 + (r % 2), [0, 3, 17][r]],
      [r, [0, 2, 31][r]],
    ]),
  })),
  {
    title: 'a long past',
    ...{ heads: 2, kvHeads: 1, headDim: 32, time: 1, slots: 2, capacity: 300 },
    chains: [[[1, 299]], [[0, 257]]],
  },
];

/** Token by token over the cache gives what the training kernel gives for the whole text. */
async function checkAgainstFullAttention(): Promise<void> {
  const [batch, time, heads, kvHeads, headDim] = [3, 9, 4, 2, 6];
  const attrs: AttentionAttrs = { heads, kvHeads, scale: 0.4 };
  const q = toTensor(normals([batch, time, heads * headDim], 21)) as Tensor3D;
  const [k, v] = [22, 23].map((seed) => toTensor(normals([batch, time, kvHeads * headDim], seed)) as Tensor3D);
  const [cacheK, cacheV] = [0, 0].map(() => toTensor(floats([batch, time, kvHeads * headDim])) as Tensor3D);
  const full = tidy(() =>
    attention(q, k, v, toTensor(indices([batch, time, 3], new Int32Array(batch * time * 3))) as Tensor3D, attrs),
  );
  const want = await full.data();
  const width = heads * headDim;
  // The first four tokens at once, the others one by one.
  for (const [from, count] of [[0, 4], ...[4, 5, 6, 7, 8].map((t) => [t, 1])]) {
    const out = tidy(() => {
      const [newQ, newK, newV] = [q, k, v].map((t) => slice(t, [0, from, 0], [batch, count, t.shape[2]]));
      const chains = toTensor(chainTensor(Array.from({ length: batch }, (_, row) => [[row, from]])));
      return attentionCached(newQ, newK, newV, cacheK, cacheV, chains, attrs);
    });
    const got = await out.data();
    for (let row = 0; row < batch; row++) {
      const there = want.subarray((row * time + from) * width, (row * time + from + count) * width);
      const here = got.subarray(row * count * width, (row + 1) * count * width);
      assertClose('cached = full', here, there, 1e-6, `tokens from ${from}, row ${row}`);
    }
    out.dispose();
  }
  for (const t of [q, k, v, cacheK, cacheV, full]) (t as Tensor).dispose();
}

/** A past in one piece or in three: the same keys, so the same answer. */
async function checkSplitPast(): Promise<void> {
  const attrs: AttentionAttrs = { heads: 2, kvHeads: 2, scale: 0.5 };
  const width = 8;
  const [pastK, pastV] = [normals([1, 12, width], 31), normals([1, 12, width], 32)];
  const [q, k, v] = [33, 34, 35].map((seed) => normals([1, 1, width], seed));
  /** The past laid out from position 0 of as many slots as it has pieces; one position more for the new token. */
  const layOut = (past: FloatTensor, pieces: number[]) => {
    const cache = floats([pieces.length, 13, width]);
    let done = 0;
    pieces.forEach((length, slot) => {
      cache.data.set(past.data.subarray(done * width, (done + length) * width), slot * 13 * width);
      done += length;
    });
    return toTensor(cache) as Tensor3D;
  };
  const run = async (pieces: number[]) => {
    const caches = [layOut(pastK, pieces), layOut(pastV, pieces)];
    const chains = chainTensor([pieces.map((length, slot) => [slot, length])]);
    const out = tidy(() => {
      const [newQ, newK, newV] = [q, k, v].map((t) => toTensor(t) as Tensor3D);
      return attentionCached(newQ, newK, newV, caches[0], caches[1], toTensor(chains), attrs);
    });
    const values = await out.data();
    for (const t of [out, ...caches]) t.dispose();
    return values;
  };
  assertClose('one piece = three', await run([5, 1, 6]), await run([12]), 1e-6);
}

/** A row decodes the same alone and among others, bit for bit. */
async function checkBatchIndependence(): Promise<void> {
  const attrs: AttentionAttrs = { heads: 4, kvHeads: 2, scale: 0.5 };
  const [q, k, v] = [4, 2, 2].map((heads, i) => normals([8, 1, heads * 8], 41 + i));
  const [cacheK, cacheV] = [44, 45].map((seed) => normals([8, 19, 16], seed));
  const run = async (rows: number[]) => {
    const caches = [toTensor(cacheK) as Tensor3D, toTensor(cacheV) as Tensor3D];
    const part = (t: FloatTensor) => {
      const size = t.data.length / 8;
      const data = rows.flatMap((row) => [...t.data.subarray(row * size, (row + 1) * size)]);
      return toTensor(floats([rows.length, 1, size], data)) as Tensor3D;
    };
    const chains = chainTensor(rows.map((row) => [[row, 2 * row + 1]]));
    const out = tidy(() => attentionCached(part(q), part(k), part(v), caches[0], caches[1], toTensor(chains), attrs));
    const values = await out.data();
    for (const t of [out, ...caches]) t.dispose();
    return values;
  };
  const together = await run([0, 1, 2, 3, 4, 5, 6, 7]);
  for (let row = 0; row < 8; row++) {
    assertClose('1×8 = 8×1', together.subarray(row * 32, (row + 1) * 32), await run([row]), 0, `row ${row}`);
  }
}

export const attentionCachedSuite: OpSuite = {
  op: 'attentionCached',
  checks: [
    ...settings.map((setting): OpCheck => ({ title: setting.title, run: () => checkAgainstReference(setting) })),
    { title: 'cached = full attention', run: checkAgainstFullAttention },
    { title: 'a past in one piece or in three', run: checkSplitPast },
    { title: 'batch independence', run: checkBatchIndependence },
  ],
};
