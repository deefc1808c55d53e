// Runs an op's suite under vitest over every backend that is present here, one after the other.
import { setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import '../registerCpu';
import '../registerSimd';
import '../registerWebgpu';
import { startSimd, stopSimd } from '../../backend/simd/simd';
import { startForTests, type TestDevice } from '../../backend/webgpu/startForTests';
import { forgetDifferences, measuredDifferences } from './compare';
import type { OpSuite } from './opSuite';

interface TestBackend {
  title: string;
  /** A sentence when this system cannot have it: its tests are skipped and say so. */
  start(): Promise<unknown>;
  stop(): void;
  softwareGpu?: boolean;
}

const backends: TestBackend[] = [
  { title: 'cpu', start: () => setBackend('cpu'), stop: () => {} },
  { title: 'simd, plain, one thread', start: () => startSimd({ relaxed: false, threads: 1 }), stop: stopSimd },
  { title: 'simd, relaxed, three threads', start: () => startSimd({ threads: 3 }), stop: stopSimd },
  { title: 'webgpu, SwiftShader', start: startGpu, stop: () => gpu?.stop(), softwareGpu: true },
];

let gpu: TestDevice | null = null;
async function startGpu(): Promise<string | null> {
  const { device, reason } = await startForTests();
  gpu = device;
  return device ? null : reason;
}

/** @param only parts of the titles of the backends that are meant; absent = all */
export function testOnEveryBackend(suite: OpSuite, only: readonly string[] = ['']): void {
  for (const backend of backends.filter(({ title }) => only.some((part) => title.includes(part)))) {
    describe(`${suite.op} on ${backend.title}`, () => {
      let absent: unknown;
      beforeAll(async () => {
        forgetDifferences();
        absent = await backend.start();
      });
      afterAll(() => {
        if (process.env.SHOW_DIFFERENCES)
          console.log(suite.op, backend.title, Object.fromEntries(measuredDifferences()));
        backend.stop();
      });
      for (const { title, run, slowOnSoftwareGpu } of suite.checks) {
        if (slowOnSoftwareGpu && backend.softwareGpu) continue;
        const patience = backend.softwareGpu ? 240_000 : undefined;
        test(title, { timeout: patience }, async ({ skip }) => {
          if (typeof absent === 'string') skip(absent);
          await run();
        });
      }
    });
  }
}
