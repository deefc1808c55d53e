// Estimates from measured speeds, and groups of seeds.
import { expect, test } from 'vitest';
import { evaluationAt, runConfig } from '../app/testing/recordedLesson';
import type { RunPlan, RunRate } from '../protocol/events';
import { LESSON_FORM, type RunForm } from '../protocol/runForm';
import { estimateMemory, estimateTime } from './estimate';
import type { StoredRunSummary } from './library';
import { groupRuns } from './runGroups';

const rate: RunRate = {
  backend: 'simd',
  secondsPerStep: 2,
  secondsPerProblem: 0.01,
  tokensPerStep: 900,
  plannedPositions: 1000,
  memoryBytes: 90e6,
};
const run = (id: string, part: Partial<StoredRunSummary> = {}): StoredRunSummary => ({
  config: { ...runConfig, id },
  status: 'finished',
  step: 70,
  checkpointStep: 70,
  result: null,
  rate,
  ...part,
});
const form: RunForm = {
  ...LESSON_FORM,
  steps: 10,
  minutes: null,
  evaluation: { every: 4, problems: 100, testProblems: 200 },
};
const plan: RunPlan = {
  recipe: 'score',
  settings: {},
  level: 6,
  trainedParameters: 10,
  positions: 500,
  weightBytes: 1e6,
  trainedBytes: 2e6,
  batchBytes: 30e6,
  cacheBytes: 4e6,
};
const { model } = runConfig;

test('time: steps, evaluations on the way and the closing test, scaled by the size of the batch', () => {
  // 10 steps of 1 s; evaluations of the base and after steps 4, 8, 10: 4 · 100 problems; test 2 · 200 problems; 0.01 s each
  expect(estimateTime(form, plan, [run('a')], model, 'simd')?.seconds).toBeCloseTo(10 + 4 + 4, 9);
  expect(estimateTime({ ...form, level: 3 }, plan, [run('a')], model, 'simd')?.seconds).toBeCloseTo(10 + 2 + 2, 9);
});

test('minutes stay minutes and say about how many steps they hold', () => {
  const minutes = { ...form, steps: null, minutes: 1 };
  // 60 · 0.87 − 4 (test) − 1 (base) = 47.2 s; a step with its part of an evaluation takes 1.25 s
  expect(estimateTime(minutes, plan, [run('a')], model, 'simd')).toMatchObject({ seconds: 60, steps: 37 });
});

test('nothing is claimed without a measured run of the same kind', () => {
  expect(estimateTime(form, plan, [], model, 'simd')).toBeNull();
  expect(estimateTime(form, plan, [run('a')], model, 'webgpu')).toBeNull();
  expect(estimateTime({ ...form, recipe: 'sft' }, plan, [run('a')], model, 'simd')).toBeNull();
  const silent = { ...plan, positions: null, settings: { problems: 8 } };
  expect(estimateTime(form, silent, [run('a')], model, 'simd')).toBeNull();
  // The same settings take the same time, also where the recipe does not say how large its batches are.
  const same = run('a', { config: { ...runConfig, settings: { problems: 8 } } });
  expect(estimateTime(form, silent, [same], model, 'simd')?.seconds).toBeCloseTo(20 + 4 + 4, 9);
  expect(estimateTime(form, plan, [run('a', { rate: null })], model, 'simd')).toBeNull();
});

test('memory: the formula, and what an earlier run really held', () => {
  const { total, isWhole, measured } = estimateMemory(form, plan, [run('a')], model, 'simd');
  expect([total, isWhole, measured?.bytes]).toEqual([37e6, true, 90e6]);
  const unknown = estimateMemory(form, { ...plan, batchBytes: null, cacheBytes: null }, [], model, 'simd');
  expect(unknown).toEqual({ total: 3e6, isWhole: false, measured: null });
});

test('a group is the mean of its finished runs, with the interval over seeds', () => {
  const label = (group: string | null) => ({ runId: '', name: '', tags: [], group, deletedAt: null });
  const tested = (accuracyT2: number) => {
    const after = evaluationAt(70, 'test');
    const greedy = { ...after.greedy, accuracyT2 };
    const comparison = { n: 500, gained: 5, lost: 0, gain: 0.01, gainInterval: { low: 0, high: 0.02 }, pValue: 0.06 };
    return { before: after, after: { ...after, greedy }, comparison, seconds: 1, tokens: 1 };
  };
  const rows = groupRuns(
    [
      run('c', { label: label('seeds'), status: 'running' }),
      run('x', { label: label(null) }),
      run('b', { label: label('seeds'), result: tested(0.8) }),
      run('a', { label: label('seeds'), result: tested(0.7) }),
    ],
    [],
  );
  expect(rows).toHaveLength(2);
  const [group, alone] = rows;
  expect('config' in alone && alone.config.id).toBe('x');
  if (!('runs' in group)) throw new Error('expected a group first');
  expect([group.runs.length, group.finished, group.waiting]).toEqual([3, 2, 0]);
  expect(group.greedy?.accuracyT2.mean).toBeCloseTo(0.75, 12);
  // half the difference · t(1) = 0.05 · 12.706
  expect(group.greedy?.accuracyT2.interval?.high).toBeCloseTo(0.75 + 0.05 * 12.706, 3);
  expect(groupRuns([run('c', { label: label('seeds') })], [])[0]).toMatchObject({ greedy: null, finished: 0 });
});
