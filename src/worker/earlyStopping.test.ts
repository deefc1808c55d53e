// The rule of early stopping, evaluation by evaluation.
import { expect, test } from 'vitest';
import type { Evaluation } from '../protocol/events';
import { checkEarlyStop, type EarlyStop, type StopWatch } from '../protocol/stopping';
import { newStopWatch, seeEvaluation, seeStep } from './earlyStopping';

const interval = { low: 0, high: 1 };

function evaluation(step: number, accuracyT2: number, cToI = 0): Evaluation {
  const greedy = {
    n: 10,
    temperature: 0,
    accuracyT1: 0.5,
    accuracyT2,
    delta: accuracyT2 - 0.5,
    iToC: 0,
    cToI,
    accuracyT1Interval: interval,
    accuracyT2Interval: interval,
    deltaInterval: interval,
    unchangedRate: 0,
    editDistanceRatio: 0,
    formatErrorRate: 0,
  };
  return { step, slice: 'validation', greedy, sampled: { ...greedy, accuracyT2: 0.1 } };
}

const patience = { metric: 'eval/accuracy_t2', better: 'higher', evaluations: 2, minDelta: 0.01 } as const;
const rule: EarlyStop = { patience, ceiling: null, fromStep: 0 };

function after(values: readonly number[], given = rule): StopWatch {
  return values.reduce((watch, value, i) => seeEvaluation(watch, given, evaluation(5 * i, value)), newStopWatch);
}

test('stops when the gain over the best stays at or under min-delta for as many evaluations', () => {
  expect(after([0.5, 0.6, 0.605]).reason).toBeNull();
  expect(after([0.5, 0.6, 0.605, 0.61]).reason).toEqual({ kind: 'patience', ...patience, best: 0.6, bestStep: 5 });
  // 0.612 is more than 0.01 above 0.6: patience begins anew.
  expect(after([0.5, 0.6, 0.605, 0.612, 0.612]).reason).toBeNull();
  expect(after([0.5, 0.6, 0.605, 0.612, 0.612])).toMatchObject({ best: 0.612, bestStep: 15, waited: 1 });
});

test('lower is better where the rule says so', () => {
  const fewer: EarlyStop = { ...rule, patience: { ...patience, metric: 'eval/c_to_i', better: 'lower' } };
  const watch = [0.2, 0.1, 0.1, 0.1].reduce(
    (state, cToI, i) => seeEvaluation(state, fewer, evaluation(i, 0.5, cToI)),
    newStopWatch,
  );
  expect(watch.reason).toMatchObject({ best: 0.1, bestStep: 1 });
});

test('evaluations before its first step do not count', () => {
  const late: EarlyStop = { ...rule, fromStep: 10 };
  expect(after([0.9, 0.9, 0.5, 0.5], late)).toMatchObject({ best: 0.5, bestStep: 10, waited: 1, reason: null });
  expect(after([0.9, 0.9, 0.5, 0.5, 0.5], late).reason).toMatchObject({ best: 0.5, bestStep: 10 });
});

test('a practice metric is seen as its mean since the last evaluation; a missing one stops nothing', () => {
  const capped: EarlyStop = { patience: null, ceiling: { metric: 'kl/t2', limit: 2 }, fromStep: 0 };
  let watch = seeStep(newStopWatch, capped, { 'kl/t2': 1 });
  watch = seeStep(watch, capped, { 'kl/t2': 2.5 });
  watch = seeStep(watch, capped, { 'kl/t2': null });
  watch = seeEvaluation(watch, capped, evaluation(5, 0.5));
  expect(watch.reason).toBeNull();
  watch = seeStep(watch, capped, { 'kl/t2': 2.5 });
  watch = seeEvaluation(watch, capped, evaluation(10, 0.5));
  expect(watch.reason).toEqual({ kind: 'ceiling', metric: 'kl/t2', limit: 2, value: 2.5 });
  expect(seeEvaluation(newStopWatch, capped, evaluation(5, 0.5)).reason).toBeNull();
});

test('a metric that both parts watch is counted once', () => {
  const both: EarlyStop = {
    patience: { metric: 'kl', better: 'lower', evaluations: 1, minDelta: 0 },
    ceiling: { metric: 'kl', limit: 3 },
    fromStep: 0,
  };
  const watch = seeStep(seeStep(newStopWatch, both, { kl: 2 }), both, { kl: 4 });
  expect(watch.sums).toEqual({ kl: { sum: 6, count: 2 } });
});

test('a rule that cannot be is refused by name', () => {
  expect(() => checkEarlyStop({ ...rule, patience: { ...patience, evaluations: 0 } })).toThrow(/patience\.evaluations/);
  expect(() => checkEarlyStop({ ...rule, patience: { ...patience, minDelta: Number.NaN } })).toThrow(/minDelta/);
  expect(() => checkEarlyStop({ ...rule, ceiling: { metric: '', limit: 1 } })).toThrow(/ceiling\.metric/);
  expect(() => checkEarlyStop({ ...rule, fromStep: -1 })).toThrow(/fromStep/);
  expect(checkEarlyStop(rule)).toBe(rule);
});
