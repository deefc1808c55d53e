// Metric buffers and the table that charts draw.
import { expect, test } from 'vitest';
import { evaluationAt } from '../app/testing/recordedLesson';
import { chartPoints, evenly, MOST_POINTS, xEnd, xOfStep } from './chartPoints';
import { countSolutions } from './dialFacts';
import { readOptions } from './options';
import { readPreferences } from './preferences';
import { RunSeries } from './runSeries';

function seriesOf(steps: number): RunSeries {
  const series = new RunSeries();
  for (let step = 1; step <= steps; step++) {
    const metrics = { 'train/accuracy_t1': 0.4, 'train/accuracy_t2': step % 2 ? 0.5 : null };
    series.append({ step, seconds: step * 2, tokens: step * 1000, metrics });
  }
  return series;
}

test('buffers grow, keep "not computed" apart from zero, and find rows by step', () => {
  const series = seriesOf(1000);
  expect(series.length).toBe(1000);
  expect(series.column('step')[999]).toBe(1000);
  expect(series.at('train/accuracy_t2', 1)).toBeNaN();
  expect(series.indexOf(0)).toBe(-1);
  expect(series.indexOf(500)).toBe(499);
  expect(series.indexOf(9999)).toBe(999);
  expect(series.column('never written')).toHaveLength(0);
});

test('a step that comes again replaces the rows from there on', () => {
  const series = seriesOf(10);
  series.append({ step: 6, seconds: 11, tokens: 5500, metrics: { kl: 1 } });
  expect([...series.column('step')]).toEqual([1, 2, 3, 4, 5, 6]);
  series.append({ step: 7, seconds: 12, tokens: 6000, metrics: {} });
  expect(series.at('train/accuracy_t1', 6)).toBeNaN();
});

test('the recent speed is that of the last seconds, not of the whole run', () => {
  const series = seriesOf(50);
  expect(series.recentRate()).toBeCloseTo(500);
  series.append({ step: 51, seconds: 120, tokens: 51_000, metrics: {} });
  expect(series.recentRate()).toBeCloseTo(1000 / 20);
});

test('greedy shows evaluations only; sampled shows the practice batches between them', () => {
  const evaluations = [evaluationAt(0), evaluationAt(5), evaluationAt(10)];
  const greedy = chartPoints(evaluations, seriesOf(12), 'greedy');
  expect(greedy.map(({ step }) => step)).toEqual([0, 5, 10]);
  expect(greedy[1]).toMatchObject({ tokens: 5000, minutes: 10 / 60, practice1: null });
  expect(greedy[0].band1?.[0]).toBeLessThan(greedy[0].t1 ?? 0);
  const sampled = chartPoints(evaluations, seriesOf(12), 'sampled');
  expect(sampled.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(sampled[3]).toMatchObject({ t1: null, practice1: 0.4 });
  expect(sampled[5].t1).toBe(evaluations[1].sampled.accuracyT1);
  expect(sampled[5].practice2).toBe(0.5);
});

test('never more points than may be drawn, ends included, every evaluation kept while there is room', () => {
  const evaluations = Array.from({ length: 100 }, (_, i) => evaluationAt(i * 50));
  const points = chartPoints(evaluations, seriesOf(5000), 'sampled');
  expect(MOST_POINTS).toBeLessThanOrEqual(800);
  expect(points.length).toBeLessThanOrEqual(MOST_POINTS);
  expect(points.filter((point) => point.evaluation)).toHaveLength(100);
  expect(points[0].step).toBe(0);
  expect(points.at(-1)?.step).toBe(5000);
  expect(evenly(5, 3)).toEqual([0, 2, 4]);
});

test('flips down are negative, so that Δ is the sum of both bars', () => {
  const [point] = chartPoints([evaluationAt(10)], seriesOf(10), 'greedy');
  expect((point.fixed ?? 0) + (point.broken ?? 0)).toBeCloseTo(point.delta ?? Number.NaN);
  expect(point.broken).toBeLessThan(0);
});

test('the axis ends where the plan ends', () => {
  const points = chartPoints([evaluationAt(0), evaluationAt(10)], seriesOf(10), 'greedy');
  expect(xEnd(points, 'step', 70)).toBe(70);
  expect(xEnd(points, 'tokens', 70)).toBeCloseTo(70_000);
  expect(xEnd([], 'minutes', 70)).toBe(1);
  expect(xOfStep(5, seriesOf(10), 'tokens')).toBe(5000);
  expect(xOfStep(0, seriesOf(10), 'minutes')).toBe(0);
});

test('solutions are counted over all choices of signs', () => {
  expect(countSolutions([7, 3, 11, 5, 2, 8])).toEqual({ right: 5, all: 32 });
  expect(countSolutions([1, 2, 2, 2, 2, 2]).right).toBe(0);
});

test('the address and stored choices are read with care', () => {
  expect(readOptions('?seed=7&steps=12&backend=webgpu&threads=1&set.stageOne=false&test=500&checkpoint=2')).toEqual({
    seed: 7,
    steps: 12,
    minutes: 5,
    backend: 'webgpu',
    threads: 1,
    settings: { stageOne: false },
    checkpointEvery: 2,
    evaluation: { testProblems: 500 },
    tour: null,
  });
  expect(readOptions('?seed=-1&steps=x&backend=cuda&minutes=9999')).toMatchObject({
    seed: null,
    steps: null,
    backend: null,
    minutes: 5,
  });
  expect(readPreferences('{"language":"fr","theme":"dark"}', 'ko-KR')).toMatchObject({ language: 'ko', theme: 'dark' });
  expect(readPreferences('not json', 'de')).toMatchObject({ language: 'en', theme: 'system' });
});
