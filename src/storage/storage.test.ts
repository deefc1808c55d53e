// Storage on an IndexedDB in memory: what is written comes back, runs do not mix, refusals are one clear sentence.
import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Checkpoint } from '../protocol/checkpoint';
import type { Evaluation, RunConfig } from '../protocol/events';
import type { TraceChunk } from '../protocol/trace';
import { database, type StoredRun, storageError } from './database';
import { putCheckpoint, readCheckpoint, rewindRun } from './storedCheckpoints';
import { deleteRun, listRuns, putRun, readRun } from './storedRuns';
import { putEvaluation, putMetrics, readEvaluations, readMetrics } from './storedSeries';
import { listTraces, putTraces, readTraceIndex, readTraceIndexes, readTraces } from './storedTraces';

function run(id: string, createdAt = '2026-01-01T00:00:00Z'): StoredRun {
  const config: RunConfig = {
    id,
    recipe: 'score',
    settings: { alpha: 10 },
    seed: 1,
    totalSteps: 70,
    minutes: null,
    model: 'dial',
    level: 6,
    evaluateEvery: 5,
    evaluationProblems: 200,
    checkpointEvery: 5,
    createdAt,
  };
  return { config, status: 'paused', step: 0, checkpointStep: null, updatedAt: createdAt, finished: null };
}

const metrics = (runId: string, step: number) => ({
  runId,
  step,
  stage: 'stage1',
  metrics: { loss: step / 3, kl: null },
  secondsElapsed: step,
  tokens: step * 10,
});

function evaluation(step: number): Evaluation {
  const interval = { low: 0.4, high: 0.6 };
  const summary = {
    n: 100,
    temperature: 0,
    accuracyT1: 0.5,
    accuracyT2: 0.4,
    delta: -0.1,
    iToC: 0.05,
    cToI: 0.15,
    accuracyT1Interval: interval,
    accuracyT2Interval: interval,
    deltaInterval: interval,
    unchangedRate: 0.5,
    editDistanceRatio: 0.1,
    formatErrorRate: 0,
  };
  return { step, slice: 'validation', greedy: summary, sampled: { ...summary, temperature: 1 } };
}

function chunk(step: number, kind: TraceChunk['kind'] = 'train'): TraceChunk {
  return {
    kind,
    step,
    stage: 'stage1',
    episodes: 1,
    attempts: 2,
    prompts: ['dial 7 3 11'],
    instruction: 'again',
    problem: Int32Array.of(0),
    first: Int32Array.of(0),
    offsets: Int32Array.of(0, 1, 2),
    tokens: Int32Array.of(5, 6),
    logProb: Float32Array.of(-0.5, Number.NaN),
    refLogProb: Float32Array.of(-0.25, -1),
    kl: Float32Array.of(0, 0),
    entropy: Float32Array.of(1, 1),
    correct: Uint8Array.of(0, 1),
    terms: ['reward'],
    rewards: Float32Array.of(0, 1),
    advantage: Float32Array.of(-1, 1),
    texts: { 5: 'a', 6: 'b' },
  };
}

function checkpoint(step: number): Checkpoint {
  return {
    version: 1,
    step,
    optimizerStep: step,
    tensors: [{ name: 'a', shape: [2, 2], data: Float32Array.of(1, 2, 3, step) }],
    tokens: 100,
    seconds: 12.5,
    before: evaluation(0),
    latest: evaluation(step),
  };
}

beforeEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

test('runs are listed newest first, and one that lost its tab counts as paused', async () => {
  await putRun(run('old', '2026-01-01T00:00:00Z'));
  await putRun({ ...run('new', '2026-02-01T00:00:00Z'), status: 'running' });
  const listed = await listRuns();
  expect(listed.map(({ config }) => config.id)).toEqual(['new', 'old']);
  expect(listed[0].status).toBe('paused');
  expect((await readRun('new'))?.status).toBe('running');
});

test('metrics and evaluations come back in the order of steps, run by run', async () => {
  for (const step of [10, 2, 1]) await putMetrics(metrics('a', step));
  await putMetrics(metrics('ab', 7));
  await putEvaluation('a', evaluation(5));
  await putEvaluation('a', evaluation(0));
  expect((await readMetrics('a')).map(({ step }) => step)).toEqual([1, 2, 10]);
  expect((await readMetrics('a'))[2]).toEqual(metrics('a', 10));
  expect((await readEvaluations('a')).map(({ step }) => step)).toEqual([0, 5]);
  expect(await readEvaluations('ab')).toEqual([]);
});

test('a chunk of samples comes back bit for bit, NaN included', async () => {
  await putTraces('a', chunk(3));
  await putTraces('a', chunk(3, 'eval_greedy'));
  const back = await readTraces('a', 3, 'train');
  expect(back?.tokens).toEqual(Int32Array.of(5, 6));
  expect(back?.logProb[0]).toBe(-0.5);
  expect(back?.logProb[1]).toBeNaN();
  expect(await readTraces('a', 4, 'train')).toBeNull();
  expect(await listTraces('a')).toEqual([
    { step: 3, kind: 'eval_greedy' },
    { step: 3, kind: 'train' },
  ]);
});

test('beside each chunk lies its index; one stored by an older page gets it when it is first asked for', async () => {
  await putTraces('a', chunk(3));
  const index = await readTraceIndex('a', { step: 3, kind: 'train' });
  expect(index).toMatchObject({ version: 1, kind: 'train', step: 3, episodes: 1, terms: ['reward'] });
  expect(index?.correct).toEqual(Uint8Array.of(0, 1));
  expect(index?.lengths).toEqual(Int32Array.of(1, 1));
  expect(index?.unchanged).toEqual(Uint8Array.of(0));
  const db = await database();
  await db.put('traces', { runId: 'a', chunk: chunk(4) }, ['a', 4, 'train']);
  const keys = await listTraces('a');
  expect((await readTraceIndexes('a', keys)).map((known) => known?.step ?? null)).toEqual([3, null]);
  expect((await readTraceIndex('a', { step: 4, kind: 'train' }))?.step).toBe(4);
  expect((await readTraceIndexes('a', keys)).map((known) => known?.step ?? null)).toEqual([3, 4]);
  // What is not there leaves nothing behind.
  expect(await readTraceIndex('a', { step: 9, kind: 'train' })).toBeNull();
  expect(await db.count('traceIndexes')).toBe(2);
});

test('the best checkpoint stays when a later one is only the last', async () => {
  await putRun(run('a'));
  await putCheckpoint('a', ['last', 'best'], checkpoint(5));
  await putCheckpoint('a', ['last'], checkpoint(10));
  expect((await readCheckpoint('a', 'best'))?.step).toBe(5);
  expect(await readCheckpoint('a', 'last')).toEqual(checkpoint(10));
  expect((await readRun('a'))?.checkpointStep).toBe(10);
});

test('a checkpoint that cannot be stored leaves the one before untouched', async () => {
  await putRun(run('a'));
  await putCheckpoint('a', ['last'], checkpoint(5));
  // A function cannot be cloned into the database: the second write of the transaction fails.
  const broken: Checkpoint = { ...checkpoint(10), ...{ trap: () => 0 } };
  await expect(putCheckpoint('a', ['last'], broken)).rejects.toMatchObject({ name: 'StudioError', kind: 'storage' });
  expect((await readCheckpoint('a', 'last'))?.step).toBe(5);
  expect((await readRun('a'))?.checkpointStep).toBe(5);
});

test('a checkpoint of another layout or with missing numbers is refused with a sentence', async () => {
  const db = await database();
  const torn = checkpoint(5);
  torn.tensors[0].shape = [3, 2];
  await db.put('checkpoints', { runId: 'a', slot: 'last', checkpoint: torn }, ['a', 'last']);
  await expect(readCheckpoint('a', 'last')).rejects.toThrow('expected 6 numbers for [3,2], got 4');
  const later = { ...checkpoint(5), version: 2 };
  // @ts-expect-error another version's layout
  await db.put('checkpoints', { runId: 'a', slot: 'last', checkpoint: later }, ['a', 'last']);
  await expect(readCheckpoint('a', 'last')).rejects.toThrow('expected version 1, got 2');
});

test('rewinding forgets later rows only, deleting forgets one run only', async () => {
  for (const id of ['a', 'b']) {
    await putRun(run(id));
    for (const step of [1, 2, 3]) {
      await putMetrics(metrics(id, step));
      await putTraces(id, chunk(step));
      await putEvaluation(id, evaluation(step));
    }
    await putCheckpoint(id, ['last'], checkpoint(2));
  }
  expect((await rewindRun('a', 'last'))?.step).toBe(2);
  expect((await readMetrics('a')).map(({ step }) => step)).toEqual([1, 2]);
  expect((await listTraces('a')).map(({ step }) => step)).toEqual([1, 2]);
  expect((await readEvaluations('a')).map(({ step }) => step)).toEqual([1, 2]);
  const indexKeys = async () => (await (await database()).getAllKeys('traceIndexes')).map((key) => key.join(' '));
  expect(await indexKeys()).toEqual(['a 1 train', 'a 2 train', 'b 1 train', 'b 2 train', 'b 3 train']);
  await deleteRun('a');
  expect(await indexKeys()).toEqual(['b 1 train', 'b 2 train', 'b 3 train']);
  expect(await readRun('a')).toBeUndefined();
  expect(await readMetrics('a')).toEqual([]);
  expect(await readCheckpoint('a', 'last')).toBeNull();
  expect(await readMetrics('b')).toHaveLength(3);
  expect((await readCheckpoint('b', 'last'))?.step).toBe(2);
});

test('going back to the best checkpoint makes it the last one, and a finished run unfinished, all or nothing', async () => {
  const end = evaluation(10);
  const comparison = { n: 1, gained: 0, lost: 0, gain: 0, gainInterval: { low: 0, high: 0 }, pValue: 1 };
  const finished = { runId: 'a', step: 10, before: end, after: end, comparison, seconds: 1, tokens: 1 };
  await putRun({ ...run('a'), status: 'finished', finished: { type: 'run.finished', ...finished } });
  await expect(rewindRun('a', 'best')).rejects.toThrow('expected a best checkpoint');
  await putCheckpoint('a', ['last', 'best'], checkpoint(5));
  for (const step of [5, 6, 10]) await putMetrics(metrics('a', step));
  await putCheckpoint('a', ['last'], checkpoint(10));
  expect(await readRun('a')).toMatchObject({ checkpointStep: 10, bestStep: 5, finished: { step: 10 } });
  expect((await rewindRun('a', 'last'))?.step).toBe(10);
  expect(await readRun('a')).toMatchObject({ status: 'finished' });
  expect((await rewindRun('a', 'best'))?.step).toBe(5);
  expect(await readRun('a')).toMatchObject({ step: 5, checkpointStep: 5, status: 'paused', finished: null });
  expect((await readCheckpoint('a', 'last'))?.step).toBe(5);
  expect((await readMetrics('a')).map(({ step }) => step)).toEqual([5]);
});

test('a checkpoint that cannot be read is no reason to forget rows', async () => {
  const db = await database();
  await putRun(run('a'));
  await putMetrics(metrics('a', 9));
  const later = { ...checkpoint(5), version: 2 };
  // @ts-expect-error another version's layout
  await db.put('checkpoints', { runId: 'a', slot: 'last', checkpoint: later }, ['a', 'last']);
  await expect(rewindRun('a', 'last')).rejects.toThrow('expected version 1, got 2');
  expect(await readMetrics('a')).toHaveLength(1);
});

test('a full disk and a blocked database become one sentence with a way on', async () => {
  const full = storageError('saving step 3', new DOMException('quota', 'QuotaExceededError'));
  expect(full).toMatchObject({ kind: 'storage' });
  expect(full.message).toContain('saving step 3');
  expect(full.message).toContain('Delete stored runs');
  const db = await database();
  vi.spyOn(db, 'put').mockRejectedValueOnce(new DOMException('no', 'SecurityError'));
  await expect(putRun(run('a'))).rejects.toThrow('Allow site data');
});
