// The teacher's figures are those of the log, and hang together: Δ = t2 − t1 = i→c − c→i, with Δ inside its interval.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { meanWithInterval } from '../../lib/studentT';
import { measured, measuredRuns } from './measuredRuns';

const log = readFileSync(new URL('../../../docs/log.md', import.meta.url), 'utf8');
const one = (value: number) => value.toFixed(1);
const range = (low: number, high: number) => `(${one(low)} to ${one(high)})`;

test('every row stands in the log', () => {
  expect(measuredRuns).toHaveLength(5);
  for (const run of measuredRuns) {
    const { t1, t2, deltaLow, deltaHigh, iToC, cToI, sampledT1, sampledT2 } = run;
    const delta = `+${one(t2 - t1)} ${range(deltaLow, deltaHigh)}`;
    const sampled = `${one(sampledT1)} → ${one(sampledT2)} | +${one(sampledT2 - sampledT1)}`;
    expect(log).toContain(
      `| ${run.seed} | ${run.steps} | ${run.seconds} | ${one(t1)} → ${one(t2)} | ${delta} | ${one(iToC)} | ${one(cToI)} | ${sampled} |`,
    );
  }
  const { base } = measured;
  expect(log).toContain(
    `| base | – | – | ${one(base.t1)} → ${one(base.t2)} | ${one(base.t2 - base.t1)} ${range(base.deltaLow, base.deltaHigh)} | ${one(base.iToC)} | ${one(base.cToI)} |`,
  );
  expect(log).toContain(`${base.sampledT1.toFixed(1)} → ${one(base.sampledT2)}`);
});

test('the sentences of the log about the way there', () => {
  const { fastest, slowest } = measured.aheadSeconds;
  const steps = (step: number) => measuredRuns.filter((run) => run.aheadFromStep === step).map(({ seed }) => seed);
  expect([steps(10), steps(20)]).toEqual([
    [1, 2, 4],
    [3, 5],
  ]);
  expect(log).toContain(`after 10 steps in seeds 1, 2 and 4, after 20 in 3 and 5 (${fastest} to ${slowest} seconds)`);
  const { step, unchanged, cToIBefore, cToI } = measured.firstLesson;
  expect(log).toContain(
    `by step ${step} it keeps nearly everything (unchanged ${unchanged} %, c→i ${cToIBefore} → ${cToI})`,
  );
});

test('the curve that flattens, and where the doubt is', () => {
  const { halfStep, half, lateStep, late } = measured.flattening;
  expect(log).toMatch(new RegExp(`\\| ${halfStep} \\| \\d+ \\| [\\d.]+ → ${half} \\|`));
  expect(log).toMatch(new RegExp(`\\| ${lateStep} \\| \\d+ \\| [\\d.]+ → ${late} \\|`));
  const { problems, share } = measured.doubtAtSigns;
  expect(log).toContain(`${problems} test problems`);
  expect(log).toContain(`${share} % of the entropy stands at the signs`);
});

test('flips explain the difference, and the difference lies in its interval', () => {
  for (const run of [...measuredRuns, measured.base]) {
    const delta = run.t2 - run.t1;
    expect(run.iToC - run.cToI).toBeCloseTo(delta, 5);
    expect(delta).toBeGreaterThan(run.deltaLow);
    expect(delta).toBeLessThan(run.deltaHigh);
  }
});

test('means and intervals over the seeds are those of the log', () => {
  const over = (of: (run: (typeof measuredRuns)[number]) => number) => {
    const { mean, interval } = meanWithInterval(measuredRuns.map(of));
    if (!interval) throw new Error('five runs have an interval');
    return { mean, ...interval };
  };
  const delta = over(({ t1, t2 }) => t2 - t1);
  const second = over(({ t2 }) => t2);
  expect(log).toContain(`greedy Δ +${one(delta.mean)} ${range(delta.low, delta.high)}`);
  expect(log).toContain(`Acc@t2 ${one(second.mean)} (${one(second.low)} to ${one(second.high)}; base`);
});
