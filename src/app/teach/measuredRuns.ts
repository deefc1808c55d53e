// What was measured on the lesson itself: the only figures the teacher's page speaks of. Percent and points, one decimal, as in
// docs/log.md, "SCoRe, five seeds" (2026-11-21): `npm run demo -- --json --minutes 5 --seed N`, test problems that no run had seen.
// Measured anew? Change this file and the log together; means and intervals are computed from it.

export interface MeasuredRun {
  seed: number;
  steps: number;
  /** loading and the closing test included */
  seconds: number;
  /** greedy, percent right */
  t1: number;
  t2: number;
  /** 95 %, points */
  deltaLow: number;
  deltaHigh: number;
  iToC: number;
  cToI: number;
  /** drawn at temperature 1, percent right */
  sampledT1: number;
  sampledT2: number;
  /** the first measured step from which the second attempt stood 5 points above the base */
  aheadFromStep: number;
}

export const measured = {
  date: '2026-11-21',
  machine: 'AMD EPYC (Zen 5)',
  threads: 2,
  minutes: 5,
  problems: 1000,
  base: {
    t1: 60.1,
    t2: 51.4,
    deltaLow: -11.7,
    deltaHigh: -5.7,
    iToC: 7.7,
    cToI: 16.4,
    sampledT1: 44.0,
    sampledT2: 36.7,
  },
  /** seconds after the start at which the second attempt stood 5 points above the base: fastest and slowest seed */
  aheadSeconds: { fastest: 10, slowest: 24 },
  /** The curve of a run of seed 1 on the validation problems, greedy second attempt: halfway and late. */
  flattening: { seed: 1, halfStep: 120, half: 76.6, lateStep: 240, late: 76.8 },
  /** Of the base model's entropy over the tokens of both greedy answers, percent that stands at + or −. */
  doubtAtSigns: { problems: 200, share: 99.8 },
  /** Seed 1 on the validation problems, greedy: what it learns first. */
  firstLesson: { seed: 1, step: 10, unchanged: 95, cToIBefore: 14.8, cToI: 1.6 },
} as const;

export const measuredRuns: readonly MeasuredRun[] = [
  {
    seed: 1,
    steps: 244,
    seconds: 282,
    t1: 60.8,
    t2: 80.3,
    deltaLow: 17.0,
    deltaHigh: 22.0,
    iToC: 19.5,
    cToI: 0.0,
    sampledT1: 58.3,
    sampledT2: 77.3,
    aheadFromStep: 10,
  },
  {
    seed: 2,
    steps: 226,
    seconds: 245,
    t1: 60.1,
    t2: 82.7,
    deltaLow: 20.0,
    deltaHigh: 25.2,
    iToC: 22.6,
    cToI: 0.0,
    sampledT1: 58.8,
    sampledT2: 78.1,
    aheadFromStep: 10,
  },
  {
    seed: 3,
    steps: 235,
    seconds: 264,
    t1: 60.4,
    t2: 78.7,
    deltaLow: 15.9,
    deltaHigh: 20.7,
    iToC: 18.3,
    cToI: 0.0,
    sampledT1: 57.9,
    sampledT2: 77.9,
    aheadFromStep: 20,
  },
  {
    seed: 4,
    steps: 182,
    seconds: 224,
    t1: 60.1,
    t2: 79.5,
    deltaLow: 16.9,
    deltaHigh: 21.9,
    iToC: 19.4,
    cToI: 0.0,
    sampledT1: 57.5,
    sampledT2: 76.5,
    aheadFromStep: 10,
  },
  {
    seed: 5,
    steps: 199,
    seconds: 257,
    t1: 61.7,
    t2: 77.3,
    deltaLow: 13.3,
    deltaHigh: 17.9,
    iToC: 15.6,
    cToI: 0.0,
    sampledT1: 56.5,
    sampledT2: 76.3,
    aheadFromStep: 20,
  },
];
