// What takes room, run by run; rows of no run are swept; everything can be deleted.
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import { database, STORES, type StoredRun } from './database';
import { putCheckpoint } from './storedCheckpoints';
import { putRun } from './storedRuns';
import { putMetrics, readMetrics, rowsInBatches } from './storedSeries';
import { clearStorage, measureRuns, sweepStrays } from './storedUsage';

function run(id: string): StoredRun {
  const createdAt = '2026-01-01T00:00:00Z';
  const measures = { level: 6, evaluateEvery: 5, evaluationProblems: 200, checkpointEvery: 5 };
  const config = {
    id,
    recipe: 'score',
    settings: {},
    seed: 1,
    totalSteps: 9,
    minutes: null,
    model: 'm',
    ...measures,
    createdAt,
  };
  return { config, status: 'paused', step: 0, checkpointStep: null, updatedAt: createdAt, finished: null };
}

const metrics = (runId: string) => ({ runId, step: 1, stage: 's', metrics: { loss: 1 }, secondsElapsed: 1, tokens: 1 });

beforeEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

test('bytes per run and kind, the largest run first', async () => {
  await putRun(run('small'));
  await putRun(run('large'));
  await putMetrics(metrics('small'));
  const tensors = [{ name: 'a', shape: [1000], data: new Float32Array(1000) }];
  const rest = { tokens: 1, seconds: 1, before: null, latest: null };
  await putCheckpoint('large', ['last', 'best'], { version: 1, step: 1, optimizerStep: 1, tensors, ...rest });
  const [first, second] = await measureRuns();
  expect([first.runId, second.runId]).toEqual(['large', 'small']);
  expect(first.checkpoints).toBeGreaterThanOrEqual(8000);
  expect(first.checkpoints).toBeLessThan(9000);
  expect(second).toMatchObject({ samples: 0, checkpoints: 0 });
  expect(second.metrics).toBeGreaterThan(0);
});

test('a run of many batches is measured and read whole', async () => {
  for (let step = 1; step <= 450; step++) await putMetrics({ ...metrics('a'), step });
  await putMetrics(metrics('ab'));
  const steps: number[] = [];
  for await (const rows of rowsInBatches('metrics', 'a')) steps.push(...rows.map(({ step }) => step));
  expect(steps).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
});

test('rows of a run that is not there are swept, others stay', async () => {
  await putRun(run('a'));
  await putMetrics(metrics('a'));
  await putMetrics(metrics('gone'));
  await sweepStrays();
  expect(await readMetrics('a')).toHaveLength(1);
  expect(await readMetrics('gone')).toHaveLength(0);
});

test('everything is everything', async () => {
  await putRun(run('a'));
  await putMetrics(metrics('a'));
  await clearStorage();
  const db = await database();
  for (const store of STORES) expect(await db.count(store)).toBe(0);
});
