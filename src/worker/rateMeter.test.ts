// Laps on a clock that only moves when told.
import { expect, test } from 'vitest';
import { RateMeter } from './rateMeter';

test('a step and an evaluation last until the next thing begins; medians ride out a hiccup', () => {
  let now = 0;
  const meter = new RateMeter(() => now);
  const lap = (seconds: number) => {
    now += seconds;
  };
  expect(meter.rate).toBeNull();
  meter.beginEvaluation(100);
  lap(2);
  for (const seconds of [1, 1.2, 30, 1.1]) {
    meter.beginStep();
    meter.count(seconds * 100);
    lap(seconds);
  }
  // The last step is still under way.
  expect(meter.rate?.secondsPerStep).toBeCloseTo(1.2, 9);
  expect(meter.rate).toMatchObject({ secondsPerProblem: 0.02, tokensPerStep: 115 });
  meter.beginEvaluation(100);
  expect(meter.rate?.secondsPerStep).toBeCloseTo(1.15, 9);
});

test('without an evaluation nothing is said of problems', () => {
  let now = 0;
  const meter = new RateMeter(() => now);
  meter.beginStep();
  meter.count(7);
  now = 3;
  meter.beginStep();
  expect(meter.rate).toEqual({ secondsPerStep: 3, secondsPerProblem: null, tokensPerStep: 7 });
});
