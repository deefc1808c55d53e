// Samples within a tiny budget: what is stored never exceeds it, what went is noted, and a run that goes back counts anew.
import 'fake-indexeddb/auto';
import { beforeEach, expect, test } from 'vitest';
import type { RunConfig, StudioEvent } from '../protocol/events';
import type { TraceChunk } from '../protocol/trace';
import { bytesOfChunk } from '../protocol/traceIndex';
import { database } from '../storage/database';
import { putCheckpoint } from '../storage/storedCheckpoints';
import { readRun } from '../storage/storedRuns';
import { putMetrics, readMetrics } from '../storage/storedSeries';
import { readChunkSizes } from '../storage/storedTraceBudget';
import { listTraces } from '../storage/storedTraces';
import { RunKeeper } from './runKeeper';
import { TraceKeeper } from './traceKeeper';

function chunk(step: number, kind: TraceChunk['kind'] = 'train'): TraceChunk {
  return {
    kind,
    step,
    stage: 'stage_1',
    episodes: 1,
    attempts: 1,
    prompts: ['dial 7 3 11'],
    instruction: '',
    problem: Int32Array.of(0),
    first: Int32Array.of(0),
    offsets: Int32Array.of(0, 1),
    tokens: Int32Array.of(5),
    logProb: Float32Array.of(-1),
    refLogProb: Float32Array.of(-1),
    kl: Float32Array.of(0),
    entropy: Float32Array.of(1),
    correct: Uint8Array.of(0),
    terms: [],
    rewards: new Float32Array(0),
    advantage: Float32Array.of(0),
    texts: {},
  };
}

const SIZE = bytesOfChunk(chunk(1));
const config: RunConfig = {
  id: 'run',
  recipe: 'score',
  settings: {},
  seed: 1,
  totalSteps: 60,
  minutes: null,
  model: 'tiny',
  level: 6,
  evaluateEvery: 10,
  evaluationProblems: 10,
  checkpointEvery: 10,
  createdAt: '2026-01-01T00:00:00Z',
};

beforeEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

test('what is stored stays within the budget, and what went is noted', async () => {
  const samples = new TraceKeeper('run', 30 * SIZE);
  let told = 0;
  for (let step = 1; step <= 60; step++) {
    const thinned = await samples.put(chunk(step));
    if (thinned) told++;
    expect(samples.record.usedBytes).toBeLessThanOrEqual(30 * SIZE);
  }
  const kept = (await listTraces('run')).map(({ step }) => step);
  const { usedBytes, thinnedSteps } = samples.record;
  expect(usedBytes).toBe(kept.length * SIZE);
  expect([...kept, ...thinnedSteps].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  // The newest 20 are whole, older ones thin out.
  expect(kept.filter((step) => step > 40)).toHaveLength(20);
  expect(kept.filter((step) => step <= 40 && step % 2 === 1)).toEqual([]);
  // Not at every step.
  expect(told).toBeGreaterThan(3);
  expect(told).toBeLessThan(20);
  const db = await database();
  expect(await db.getAllKeys('traceIndexes')).toEqual(await db.getAllKeys('traces'));
});

test('a run says when it is thinned and keeps all its figures; set back, it counts anew', async () => {
  const events: StudioEvent[] = [];
  const keeper = await RunKeeper.begin(config, 30 * SIZE, (event) => events.push(event));
  for (let step = 1; step <= 40; step++) {
    await keeper.traces(chunk(step));
    await keeper.metrics({ step, stage: 'stage_1', metrics: { loss: 1 }, secondsElapsed: step, tokens: step });
  }
  await keeper.status('paused');
  keeper.release();
  const thinned = events.filter((event) => event.type === 'run.thinned');
  expect(thinned.length).toBeGreaterThan(0);
  expect(await readMetrics('run')).toHaveLength(40);
  const stored = (await readRun('run'))?.traces;
  expect(stored?.budgetBytes).toBe(30 * SIZE);
  expect(stored?.thinnedSteps).toEqual(thinned.at(-1)?.traces.thinnedSteps);

  await putCheckpoint('run', ['last'], {
    version: 1,
    step: 10,
    optimizerStep: 10,
    tensors: [],
    tokens: 0,
    seconds: 0,
    before: null,
    latest: null,
  });
  await putMetrics({ runId: 'run', step: 41, stage: '', metrics: {}, secondsElapsed: 0, tokens: 0 });
  const again = await RunKeeper.reopen('run', 'last', null, () => {});
  await again.keeper.status('paused');
  again.keeper.release();
  const record = (await readRun('run'))?.traces;
  expect(record?.thinnedSteps.every((step) => step <= 10)).toBe(true);
  expect(record?.usedBytes).toBe((await readChunkSizes('run')).reduce((sum, { bytes }) => sum + bytes, 0));
});
