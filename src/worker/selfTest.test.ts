// The self-test covers every op there is, and a check that fails is told, not swallowed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import '../ops/registerSimd';
import { startSimd, stopSimd } from '../backend/simd/simd';
import { loadModel } from '../models/loadModel';
import { assertClose } from '../ops/testing/compare';
import type { StudioEvent } from '../protocol/events';
import { SCORE_MODEL } from './scoreSteps';
import { runSelfTest, selfTestSuites, testOp } from './selfTest';

function readBundled(): Map<string, Uint8Array> {
  const folder = new URL(`../../public/models/${SCORE_MODEL}/`, import.meta.url);
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder))]));
}

beforeAll(() => startSimd({ threads: 2 }));
afterAll(stopSimd);

test('every op with a suite is tested', () => {
  const ops = new URL('../ops/', import.meta.url);
  const withSuite = readdirSync(ops).filter((name) => existsSync(new URL(`${name}/${name}.cases.ts`, ops)));
  expect(withSuite.length).toBeGreaterThan(8);
  expect(selfTestSuites.map(({ op }) => op).sort()).toEqual(withSuite.sort());
});

test('differences are measured, failures told with their words, and the next check still runs', async () => {
  const result = await testOp({
    op: 'made up',
    checks: [
      { title: 'close', run: async () => assertClose('value', [1.001], [1], 0.01) },
      { title: 'far', run: async () => assertClose('value', [2], [1], 0.01) },
      { title: 'closer', run: async () => assertClose('gradient', [1.0001], [1], 0.01) },
    ],
  });
  expect(result).toMatchObject({ op: 'made up', checks: 3 });
  expect(result.failures).toHaveLength(1);
  expect(result.failures[0]).toMatch(/^far: value .*expected 1 within 0\.01/);
  expect(result.largestError).toBeCloseTo(0.001, 6);
});

test('on simd ops agree with their references, and the matrix product, learning and writing have a speed', async () => {
  // Two of them: e2e/settings.spec.ts runs all.
  const suites = selfTestSuites.filter(({ op }) => op === 'gemm' || op === 'swiglu');
  const bundled = loadModel(SCORE_MODEL, readBundled());
  const events: StudioEvent[] = [];
  const before = memory().numTensors;
  let passes = 0;
  await runSelfTest(
    (job) => {
      passes++;
      return job();
    },
    (event) => events.push(event),
    () => bundled,
    suites,
  );
  const results = events.flatMap((event) => (event.type === 'selfTest.progressed' ? [event.result] : []));
  expect(results.map(({ op }) => op)).toEqual(['gemm', 'swiglu']);
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  for (const { largestError } of results) {
    expect(largestError).toBeGreaterThan(0);
    expect(largestError).toBeLessThan(1e-4);
  }
  // One turn per op, one for the matrix product, two for the model: a training run goes on in between.
  expect(passes).toBe(results.length + 3);
  const last = events.at(-1);
  if (last?.type !== 'selfTest.finished') throw new Error('expected the test to finish');
  expect(last.matmul.gflops).toBeGreaterThan(0);
  const { parameters, learning, writing } = last.model;
  expect(parameters).toBe(869_504);
  expect(learning).toMatchObject({ rows: 8, tokens: 64 });
  expect(writing).toMatchObject({ rows: 8, tokens: 64 });
  for (const { tokensPerSecond, runs } of [learning, writing]) {
    expect(tokensPerSecond).toBeGreaterThan(0);
    expect(runs).toBeGreaterThanOrEqual(3);
  }
  const { profile } = last;
  if (!profile) throw new Error('expected a profile of a step');
  const sum = Object.values(profile.parts).reduce((total, part) => total + part, 0);
  expect(sum).toBeCloseTo(profile.milliseconds, 6);
  expect(Object.values(profile.parts).every((part) => part > 0)).toBe(true);
  expect(profile.kernels.map(({ kernel }) => kernel)).toEqual(expect.arrayContaining(['gemm', 'runRows', 'adamW']));
  expect(memory().numTensors).toBe(before);
  bundled.dispose();
});
