// The run's clock over a time that the test moves: pauses and sleep are not counted, long work is.
import { expect, test, vi } from 'vitest';
import { RunClock } from './runClock';

function played() {
  let time = 100;
  const slept: number[] = [];
  const clock = new RunClock(
    (seconds) => slept.push(seconds),
    () => time,
  );
  return {
    clock,
    slept,
    /** Seconds pass, the clock is looked at after each piece. */
    pass(...pieces: number[]) {
      for (const piece of pieces) {
        time += piece;
        clock.now();
      }
    },
  };
}

test('a pause is not counted', () => {
  const { clock, pass } = played();
  clock.go();
  pass(1, 1);
  clock.halt();
  pass(50);
  expect(clock.now()).toBe(2);
  clock.go();
  pass(3);
  clock.halt();
  expect(clock.now()).toBe(5);
});

test('a sleep is not counted, and is told with its length', () => {
  const { clock, pass, slept } = played();
  clock.go();
  pass(1, 0.5, 1, 3600, 1);
  expect(clock.now()).toBeCloseTo(4.5);
  expect(slept).toEqual([3599]);
  clock.halt();
});

test('steps that have become slow lose their first long one at most', () => {
  const { clock, pass, slept } = played();
  clock.go();
  pass(1, 1, 10, 10, 10, 30, 30);
  expect(slept).toEqual([9]);
  expect(clock.now()).toBe(83);
  clock.halt();
});

test('it looks by itself, so that a long quiet piece of work is not taken for sleep', () => {
  vi.useFakeTimers();
  try {
    const slept: number[] = [];
    const clock = new RunClock((seconds) => slept.push(seconds));
    clock.go();
    vi.advanceTimersByTime(20_000);
    expect(clock.now()).toBeCloseTo(20);
    clock.halt();
    expect(slept).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
