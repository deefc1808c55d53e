// The self-test of the backend that runs: the very checks of the ops' test suites (value = plain float64 reference, gradient =
// finite differences, extremes, batch independence), and how fast a matrix product is, a training step and writing.
// Loaded only when somebody asks for it.
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { counterUniform } from '../lib/counterRng';
import type { LanguageModel } from '../models/model';
import { gemm } from '../ops/gemm/gemm';
import { forgetDifferences, measuredDifferences } from '../ops/testing/compare';
import type { OpSuite } from '../ops/testing/opSuite';
import type { MatmulSpeed, OpTestResult, StudioEvent } from '../protocol/events';
import { measureModel } from './modelSpeed';
import { profileStep } from './stepProfile';

const isSuite = (value: object): value is OpSuite => 'op' in value && 'checks' in value;

/** Every op there is: a new one brings its checks with it. */
export const selfTestSuites: readonly OpSuite[] = Object.values(
  import.meta.glob<Record<string, object>>('../ops/*/*.cases.ts', { eager: true }),
).flatMap((file) => Object.values(file).filter(isSuite));

export async function testOp({ op, checks }: OpSuite): Promise<OpTestResult> {
  forgetDifferences();
  const failures: string[] = [];
  const run = checks.filter((check) => !check.slowOnSoftwareGpu);
  for (const check of run) {
    try {
      await check.run();
    } catch (error) {
      failures.push(`${check.title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const largestError = Math.max(0, ...measuredDifferences().values());
  forgetDifferences();
  return { op, checks: run.length, failures, largestError };
}

const SIZE = 512;
const RUNS = 9;
/** A run is long enough to be measured, and the time to read the last product back counts little. */
const PRODUCTS_PER_RUN = 8;

async function measureMatmul(): Promise<MatmulSpeed> {
  const values = (stream: number) =>
    Float32Array.from({ length: SIZE * SIZE }, (_, i) => counterUniform(1, stream, i) - 0.5);
  const a = tensor(values(1), [SIZE, SIZE]);
  const b = tensor(values(2), [SIZE, SIZE]);
  const seconds: number[] = [];
  // The first run warms up and is not counted.
  for (let run = 0; run <= RUNS; run++) {
    const started = performance.now();
    for (let i = 1; i < PRODUCTS_PER_RUN; i++) tidy(() => void gemm(a, b));
    const last = gemm(a, b);
    await last.data();
    last.dispose();
    if (run > 0) seconds.push((performance.now() - started) / 1000);
  }
  a.dispose();
  b.dispose();
  const median = seconds.sort((x, y) => x - y)[RUNS >> 1];
  return { size: SIZE, gflops: (2 * SIZE ** 3 * PRODUCTS_PER_RUN) / median / 1e9, runs: RUNS };
}

/**
 * @param pass waits until nothing else computes: a training run goes on between two ops
 * @param profiled the model whose training step is looked into, null where that cannot be done
 */
export async function runSelfTest(
  pass: <T>(job: () => Promise<T>) => Promise<T>,
  post: (event: StudioEvent) => void,
  profiled: () => LanguageModel | null,
  suites = selfTestSuites,
): Promise<void> {
  const total = suites.length;
  for (const [i, suite] of suites.entries()) {
    const result = await pass(() => testOp(suite));
    post({ type: 'selfTest.progressed', result, done: i + 1, total });
  }
  const matmul = await pass(measureMatmul);
  const model = await pass(measureModel);
  const profile = await pass(async () => {
    const bundled = profiled();
    return bundled && profileStep(bundled);
  });
  post({ type: 'selfTest.finished', matmul, model, profile });
}
