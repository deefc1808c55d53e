// Differences from the baseline, folding of seeds, what is missing, and the choice in the address.
import { expect, test } from 'vitest';
import { differenceOf } from '../../lib/differenceInterval';
import { meanWithInterval } from '../../lib/studentT';
import { wilson } from '../../lib/wilson';
import type { StoredRunSummary } from '../../store/library';
import type { RunLabel } from '../../store/notes';
import type { RunResult } from '../../store/runSlice';
import { runConfig, summaryOf } from '../testing/recordedLesson';
import { BASE_MODEL, closingRows } from './closingRows';
import { readChoice } from './compareChoice';

function testedRun(id: string, iToC: number, n = 500, group: string | null = null): StoredRunSummary {
  const at = (step: number, fixed: number): RunResult['after'] => ({
    step,
    slice: 'test',
    greedy: summaryOf(0.5, fixed, 0.1, 0, n),
    sampled: summaryOf(0.4, fixed, 0.1, 1, n),
  });
  const comparison = { n, gained: 9, lost: 4, gain: 0.01, gainInterval: { low: -0.02, high: 0.04 }, pValue: 0.3 };
  const label: RunLabel | null = group === null ? null : { runId: id, name: '', tags: [], group, deletedAt: null };
  return {
    config: { ...runConfig, id },
    status: 'finished',
    step: 70,
    checkpointStep: 70,
    result: { before: at(0, 0.05), after: at(70, iToC), comparison, seconds: 100, tokens: 2000 },
    label,
  };
}

const untested: StoredRunSummary = { ...testedRun('bare', 0.2), status: 'stopped', step: 12, result: null };
const choice = { base: BASE_MODEL, decoding: 'greedy' as const, isFolded: false };

test('with the base model: its row first, every run minus its own measurement of it, greedy t2 paired', () => {
  const rows = closingRows([testedRun('a', 0.3), testedRun('b', 0.2)], choice);
  expect(rows.map(({ kind, isBaseline }) => [kind, isBaseline])).toEqual([
    ['base', true],
    ['run', false],
    ['run', false],
  ]);
  const [base, a] = rows;
  expect(base).toMatchObject({ differences: null, n: 500, steps: null, seconds: null });
  expect(base.estimates.iToC?.value).toBeCloseTo(0.05, 12);
  expect(a.differences?.t2).toEqual({ value: 0.01, interval: { low: -0.02, high: 0.04 } });
  const expected = differenceOf({ value: 0.3, interval: wilson(150, 500) }, { value: 0.05, interval: wilson(25, 500) });
  expect(a.differences?.iToC?.value).toBeCloseTo(0.25, 12);
  expect(a.differences?.iToC?.interval?.low).toBeCloseTo(expected.interval?.low ?? Number.NaN, 12);
  // Sampled answers were not compared problem by problem.
  const [, sampled] = closingRows([testedRun('a', 0.3)], { ...choice, decoding: 'sampled' });
  expect(sampled.differences?.t2?.value).toBeCloseTo(0.25, 12);
});

test('with a run: it stands first, the others minus it; other problems are told apart', () => {
  const rows = closingRows([testedRun('a', 0.3), testedRun('b', 0.2), testedRun('c', 0.2, 100)], {
    ...choice,
    base: 'b',
  });
  expect(rows.map(({ key }) => key)).toEqual(['b', 'model dial-llama 6 500', 'model dial-llama 6 100', 'a', 'c']);
  const [b, , , a, c] = rows;
  expect([b.isBaseline, b.differences]).toEqual([true, null]);
  expect(a.differences?.delta?.value).toBeCloseTo(0.1, 12);
  expect(a.isSameProblems).toBe(true);
  expect(c.isSameProblems).toBe(false);
});

test('what was not measured is null, never 0', () => {
  const [base, a, bare] = closingRows([testedRun('a', 0.3), untested], choice);
  expect(base.kind).toBe('base');
  expect(a.estimates.t2).not.toBeNull();
  expect(bare).toMatchObject({ steps: 12, seconds: null, tokens: null, n: null, isSameProblems: null });
  expect(Object.values(bare.estimates)).toEqual([null, null, null, null, null]);
  expect(Object.values(bare.differences ?? {})).toEqual([null, null, null, null, null]);
  const [only] = closingRows([untested], choice);
  expect(only.kind).toBe('run');
  const [running] = closingRows([{ ...untested, status: 'running' }], choice);
  expect(running.steps).toBeNull();
});

test('seeds of one group are folded to their mean with a t interval; the gain too', () => {
  const runs = [testedRun('a', 0.3, 500, 'g'), testedRun('b', 0.2, 500, 'g'), testedRun('c', 0.4)];
  const [, group, alone] = closingRows(runs, { ...choice, isFolded: true });
  expect(group.kind).toBe('group');
  expect(group.runs.map(({ config }) => config.id)).toEqual(['a', 'b']);
  expect(alone.kind).toBe('run');
  const { mean, interval } = meanWithInterval([0.2, 0.1]);
  expect(group.estimates.delta?.value).toBeCloseTo(mean, 12);
  expect(group.estimates.delta?.interval?.low).toBeCloseTo(interval?.low ?? Number.NaN, 9);
  expect(group.differences?.delta?.value).toBeCloseTo(0.2, 12);
  expect([group.steps, group.seconds, group.n]).toEqual([70, 100, 500]);
  // A baseline among the folded: its group is the baseline.
  const [first] = closingRows(runs, { ...choice, base: 'b', isFolded: true });
  expect(first).toMatchObject({ key: 'group g', isBaseline: true });
});

test('the address: doubled and too many runs, a baseline that was not chosen, unknown words', () => {
  const preferred = { decoding: 'sampled', xAxis: 'minutes' } as const;
  const read = (text: string) => readChoice(new URLSearchParams(text), preferred);
  expect(read('')).toMatchObject({ runs: [], base: 'model', measure: 't2', decoding: 'sampled', unit: 'minutes' });
  expect(read('runs=a,b,a,&base=b&measure=delta&x=tokens&fold=1')).toMatchObject({
    runs: ['a', 'b'],
    base: 'b',
    measure: 'delta',
    unit: 'tokens',
    isFolded: true,
  });
  expect(read('runs=1,2,3,4,5,6,7,8,9&base=9&measure=loss')).toMatchObject({ base: 'model', measure: 't2' });
  expect(read('runs=1,2,3,4,5,6,7,8,9').runs).toHaveLength(8);
});
