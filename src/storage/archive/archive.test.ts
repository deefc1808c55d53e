// Export and import: the same rows on another machine, bit for bit; damaged, foreign and hostile files change nothing.
import 'fake-indexeddb/auto';
import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { beforeEach, expect, test } from 'vitest';
import type { Evaluation } from '../../protocol/events';
import type { TraceChunk } from '../../protocol/trace';
import { database, STORES } from '../database';
import { putCheckpoint } from '../storedCheckpoints';
import { putRun } from '../storedRuns';
import { putEvaluation, putMetrics } from '../storedSeries';
import { putTraces } from '../storedTraces';
import { exportRuns, hashOf } from './exportRuns';
import { importRuns } from './importRuns';
import { packRow, unpackRows } from './packedRows';

const interval = { low: 0.1, high: 0.9 };
const summary = {
  n: 3,
  temperature: 0,
  accuracyT1: 1 / 3,
  accuracyT2: 2 / 3,
  delta: 1 / 3,
  iToC: 1 / 3,
  cToI: 0,
  accuracyT1Interval: interval,
  accuracyT2Interval: interval,
  deltaInterval: interval,
  unchangedRate: 0.5,
  editDistanceRatio: 0.1,
  formatErrorRate: 0,
};
const evaluation = (step: number): Evaluation => ({ step, slice: 'validation', greedy: summary, sampled: summary });

function chunk(step: number, kind: TraceChunk['kind'] = 'train'): TraceChunk {
  return {
    kind,
    step,
    stage: 'stage_1',
    episodes: 1,
    attempts: 2,
    prompts: ['dial 7 3 <b>11</b>'],
    instruction: 'again',
    problem: Int32Array.of(0),
    first: Int32Array.of(0),
    offsets: Int32Array.of(0, 1, 3),
    tokens: Int32Array.of(5, 6, 7),
    logProb: Float32Array.of(-0.1, Number.NaN, -0),
    refLogProb: Float32Array.of(-0.2, -1, -2),
    kl: Float32Array.of(0, 1e-30, 3),
    entropy: Float32Array.of(1, 1, Number.POSITIVE_INFINITY),
    correct: Uint8Array.of(0, 1),
    terms: ['reward', 'shaping'],
    rewards: Float32Array.of(0, 1, Number.NaN, 10),
    advantage: Float32Array.of(-1, 1),
    texts: { 5: 'a', 6: 'b', 7: '끝' },
    context: { offsets: Int32Array.of(0, 2), prompts: Int32Array.of(1, 2), followUp: Int32Array.of(9) },
    extra: {
      names: ['landing'],
      numeric: Float32Array.of(3, Number.NaN),
      textNames: ['solution'],
      text: Int32Array.of(0, -1),
      texts: ['7 +5= 0'],
    },
  };
}

async function storeRun(id: string): Promise<void> {
  const createdAt = '2026-01-01T00:00:00Z';
  await putRun({
    config: {
      id,
      recipe: 'score',
      settings: { alpha: 10, stageOne: true, kl: 'full' },
      seed: 1,
      totalSteps: 4,
      minutes: null,
      model: 'dial',
      level: 6,
      evaluateEvery: 2,
      evaluationProblems: 3,
      checkpointEvery: 1,
      createdAt,
    },
    status: 'paused',
    step: 2,
    checkpointStep: 2,
    updatedAt: createdAt,
    finished: null,
    traces: { budgetBytes: 1000, usedBytes: 400, thinnedSteps: [1] },
  });
  for (const step of [1, 2]) {
    const metrics = { loss: step / 3, kl: null, odd: -0 };
    await putMetrics({ runId: id, step, stage: 'stage_1', metrics, secondsElapsed: step / 7, tokens: step * 10 });
    await putTraces(id, chunk(step));
  }
  await putTraces(id, chunk(2, 'eval_greedy'));
  for (const step of [0, 2]) await putEvaluation(id, evaluation(step));
  await putCheckpoint(id, ['last', 'best'], {
    version: 1,
    step: 2,
    optimizerStep: 2,
    tensors: [{ name: 'a.lora_A', shape: [2, 2], data: Float32Array.of(0.1, -0, 1e-42, 3) }],
    tokens: 20,
    seconds: 1.5,
    before: evaluation(0),
    latest: evaluation(2),
  });
  const db = await database();
  await db.put('labels', { runId: id, name: '첫 연습', tags: ['a'], group: null, deletedAt: null }, id);
}

async function everything(): Promise<Record<string, [IDBValidKey, unknown][]>> {
  const db = await database();
  const rows: Record<string, [IDBValidKey, unknown][]> = {};
  for (const store of STORES) {
    const [keys, values] = [await db.getAllKeys(store), await db.getAll(store)];
    rows[store] = keys.map((key, i) => [key, values[i]]);
  }
  return rows;
}

async function clear(): Promise<void> {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
}

const adapterOf = async () => ({ 'adapter/adapter_config.json': strToU8('{}') });
const exported = (runIds: string[]) => exportRuns({ runIds, adapterOf, onProgress: () => {} });
const imported = (file: Blob) => importRuns(file, () => {});

/** The archive of one run with some of its files replaced. */
async function changed(change: (files: Record<string, Uint8Array>) => void): Promise<Blob> {
  await storeRun('a');
  const files = unzipSync(new Uint8Array(await (await exported(['a'])).arrayBuffer()));
  await clear();
  change(files);
  return new Blob([new Uint8Array(zipSync(files as Zippable))]);
}

beforeEach(clear);

test('rows come back bit for bit: typed arrays, NaN, minus zero', () => {
  const value = {
    a: Float32Array.of(Number.NaN, -0),
    b: [Number.NaN, -0, Number.NEGATIVE_INFINITY],
    c: { d: null, e: '끝' },
  };
  const bytes = new Uint8Array([...packRow(value), ...packRow(1)].flatMap((piece) => [...piece]));
  expect([...unpackRows(bytes, 'test')]).toEqual([value, 1]);
  expect(() => [...unpackRows(bytes.subarray(0, bytes.length - 1), 'test')]).toThrow('ends in the middle');
});

test('every store holds the same rows after export, deletion and import; other runs stay as they are', async () => {
  await storeRun('a');
  await storeRun('b');
  const before = await everything();
  const both = await exported(['a', 'b']);
  const one = await exported(['b']);
  await clear();
  expect(await imported(both)).toEqual({ imported: ['a', 'b'], known: [], page: null });
  expect(await everything()).toEqual(before);
  expect(await imported(one)).toEqual({ imported: [], known: ['b'], page: null });
  expect(await everything()).toEqual(before);
});

test('the zip is readable by others: configuration, metrics, evaluations, the adapter as a folder', async () => {
  await storeRun('a');
  const files = unzipSync(new Uint8Array(await (await exported(['a'])).arrayBuffer()));
  const read = (name: string) => new TextDecoder().decode(files[name]);
  expect(JSON.parse(read('runs/a/config.json'))).toMatchObject({ recipe: 'score', seed: 1 });
  expect(
    read('runs/a/metrics.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).step),
  ).toEqual([1, 2]);
  expect(read('runs/a/evaluations.jsonl').trim().split('\n')).toHaveLength(2);
  expect(read('runs/a/adapter/adapter_config.json')).toBe('{}');
});

test('a repacked (deflated) archive is read too', async () => {
  const file = await changed(() => {});
  expect((await imported(file)).imported).toEqual(['a']);
});

const manifestWith = (change: (manifest: { version: unknown; runs: { id: string; files: unknown[] }[] }) => void) => {
  return (files: Record<string, Uint8Array>) => {
    const manifest = JSON.parse(new TextDecoder().decode(files['second-thought.json']));
    change(manifest);
    files['second-thought.json'] = strToU8(JSON.stringify(manifest));
  };
};
const rowsOf = (files: Record<string, Uint8Array>, store: string) =>
  Object.keys(files).find((name) => name.includes(`rows/${store}-`)) ?? '';

/** Replaces the rows of a store by others that the manifest vouches for. */
async function forged(store: string, forge: (row: Record<string, unknown>) => unknown): Promise<Blob> {
  await storeRun('a');
  const files = unzipSync(new Uint8Array(await (await exported(['a'])).arrayBuffer()));
  await clear();
  const name = rowsOf(files, store);
  const rows = [...unpackRows(files[name], name)].map((row) => forge(row as Record<string, unknown>));
  files[name] = new Uint8Array(rows.flatMap((row) => packRow(row).flatMap((piece) => [...piece])));
  const manifest = JSON.parse(new TextDecoder().decode(files['second-thought.json']));
  const entry = manifest.runs[0].files.find((file: { name: string }) => file.name === name);
  Object.assign(entry, { bytes: files[name].length, sha256: await hashOf(new Uint8Array(files[name])) });
  files['second-thought.json'] = strToU8(JSON.stringify(manifest));
  return new Blob([new Uint8Array(zipSync(files as Zippable))]);
}

const hostile: [what: string, file: () => Promise<Blob>, sentence: RegExp][] = [
  ['no zip at all', async () => new Blob(['hello']), /it is no zip/],
  [
    'a truncated zip',
    async () => {
      const file = await changed(() => {});
      return file.slice(0, file.size - 40);
    },
    /no zip, or the end of it is missing|outside/,
  ],
  [
    'a zip cut in its middle, with its end glued on',
    async () => {
      const file = await changed(() => {});
      return new Blob([file.slice(0, 200), file.slice(file.size - 900)]);
    },
    /expected a file that this page exported/,
  ],
  [
    'a zip of something else',
    async () => new Blob([zipSync({ 'a.txt': strToU8('a') }) as Uint8Array<ArrayBuffer>]),
    /there is no second-thought\.json/,
  ],
  ['another version', () => changed(manifestWith((manifest) => (manifest.version = 2))), /version 2 .* version 1/],
  [
    'a path that leads outside',
    () => changed((files) => (files['../../evil.rows'] = strToU8('x'))),
    /an entry is named "\.\.\/\.\.\/evil\.rows"/,
  ],
  ['an absolute path', () => changed((files) => (files['/etc/passwd'] = strToU8('x'))), /an entry is named/],
  [
    'an id that is a path',
    () => changed(manifestWith((manifest) => (manifest.runs[0].id = '../a'))),
    /list of contents is damaged/,
  ],
  [
    'a changed byte',
    () => changed((files) => (files[rowsOf(files, 'metrics')][40] ^= 1)),
    /was changed after it was exported/,
  ],
  ['a missing file', () => changed((files) => delete files[rowsOf(files, 'traces')]), /is missing/],
  [
    'a run without its own row',
    () => changed(manifestWith((manifest) => (manifest.runs[0].files = manifest.runs[0].files.slice(1)))),
    /is not whole/,
  ],
  [
    'a number that is text',
    () => forged('metrics', (row) => ({ ...row, step: '1' })),
    /metrics\.step: expected a whole number/,
  ],
  [
    'a setting that is a list',
    () => forged('runs', (row) => ({ ...row, config: { ...(row.config as object), settings: { alpha: [1] } } })),
    /config\.settings\.alpha: expected a number/,
  ],
  [
    'columns of other lengths',
    () => forged('traces', (row) => ({ ...row, chunk: { ...(row.chunk as object), tokens: Int32Array.of(1) } })),
    /traces\.chunk\.tokens: expected Int32Array of 3/,
  ],
  [
    'columns beside the score of other lengths',
    () =>
      forged('traces', (row) => {
        const given = row.chunk as TraceChunk;
        return { ...row, chunk: { ...given, extra: { ...given.extra, numeric: Float32Array.of(1) } } };
      }),
    /traces\.chunk\.extra\.numeric: expected Float32Array of 2/,
  ],
  [
    'offsets that point outside',
    () => forged('traces', (row) => ({ ...row, chunk: { ...(row.chunk as object), offsets: Int32Array.of(0, 9, 3) } })),
    /offsets: expected rising from 0/,
  ],
  [
    'a tensor of another shape',
    () =>
      forged('checkpoints', (row) => ({
        ...row,
        checkpoint: {
          ...(row.checkpoint as object),
          tensors: [{ name: 'a', shape: [2 ** 20], data: Float32Array.of(1) }],
        },
      })),
    /tensors\[0\]\.data: expected Float32Array of 1048576/,
  ],
  ['a row of another run', () => forged('metrics', (row) => ({ ...row, runId: 'b' })), /holds a row of another run/],
  [
    'a size that lies',
    async () => {
      const file = await changed((files) => (files['runs/a/rows/bomb.rows'] = new Uint8Array(100_000)));
      const bytes = new Uint8Array(await file.arrayBuffer());
      const name = new TextDecoder('latin1').decode(bytes).lastIndexOf('runs/a/rows/bomb.rows');
      new DataView(bytes.buffer).setUint32(name - 46 + 24, 0xffff_fff0, true);
      return new Blob([bytes]);
    },
    /says it has 4294967280 bytes/,
  ],
  [
    'an entry that unpacks to more than it says',
    async () => {
      const file = await changed(() => {});
      const bytes = new Uint8Array(await file.arrayBuffer());
      const name = new TextDecoder('latin1').decode(bytes).lastIndexOf('second-thought.json');
      new DataView(bytes.buffer).setUint32(name - 46 + 24, 10, true);
      return new Blob([bytes]);
    },
    /unpacks to more than it says/,
  ],
];

for (const [what, make, sentence] of hostile) {
  test(`refused, and nothing is changed: ${what}`, async () => {
    const file = await make();
    await storeRun('kept');
    const before = await everything();
    await expect(imported(file)).rejects.toThrow(sentence);
    await expect(imported(file)).rejects.toMatchObject({ name: 'StudioError' });
    expect(await everything()).toEqual(before);
  });
}

test('a disk that gets full in the middle of an import leaves nothing of it', async () => {
  await storeRun('a');
  const file = await exported(['a']);
  await clear();
  const db = await database();
  const before = await everything();
  const plain = db.transaction.bind(db);
  let writes = 0;
  Object.assign(db, {
    transaction(...args: Parameters<typeof plain>) {
      if (args[0] === 'checkpoints' && writes++ === 0) throw new DOMException('full', 'QuotaExceededError');
      return plain(...args);
    },
  });
  try {
    await expect(imported(file)).rejects.toThrow('it is full');
  } finally {
    Object.assign(db, { transaction: plain });
  }
  expect(writes).toBe(1);
  expect(await everything()).toEqual(before);
});
