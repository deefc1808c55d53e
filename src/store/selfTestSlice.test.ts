// The speed of every engine that was tested stays when another engine is chosen; what its checks said does not.
import { expect, test } from 'vitest';
import type { BackendName, StudioEvent } from '../protocol/events';
import { type EngineSpeed, reduceSelfTest, type SelfTestState, selfTestAtStart } from './selfTestSlice';

const speedOf = (tokensPerSecond: number): EngineSpeed => ({
  adapter: null,
  matmul: { size: 512, gflops: 10, runs: 9 },
  model: {
    parameters: 1000,
    learning: { rows: 8, tokens: 64, tokensPerSecond, runs: 5 },
    writing: { rows: 8, tokens: 64, tokensPerSecond, runs: 5 },
  },
});

const started = (backend: BackendName): StudioEvent => ({
  ...{ type: 'engine.started', backend, reason: 'chosen', adapter: null },
  ...{ threads: 1, isolated: true, relaxedSimd: true },
});

function tested(state: SelfTestState, backend: BackendName, tokensPerSecond: number): SelfTestState {
  const { matmul, model } = speedOf(tokensPerSecond);
  const running: SelfTestState = { ...state, status: 'running', backend, adapter: null };
  return reduceSelfTest(running, { type: 'selfTest.finished', matmul, model, profile: null });
}

test('two engines that were tested one after the other stand side by side', () => {
  const first = tested(selfTestAtStart, 'simd', 100);
  expect(first).toMatchObject({ status: 'finished', speeds: { simd: speedOf(100) } });
  const switched = reduceSelfTest(first, started('webgpu'));
  expect(switched).toEqual({ ...selfTestAtStart, speeds: { simd: speedOf(100) } });
  const both = tested(switched, 'webgpu', 300);
  expect(both.speeds).toEqual({ simd: speedOf(100), webgpu: speedOf(300) });
  expect(tested(both, 'simd', 120).speeds.simd).toEqual(speedOf(120));
});

test('a test that failed leaves the speeds that were measured before', () => {
  const first = tested(selfTestAtStart, 'simd', 100);
  const error = { kind: 'internal' as const, message: 'gone' };
  const failed = reduceSelfTest({ ...first, status: 'running' }, { type: 'selfTest.failed', error });
  expect(failed).toMatchObject({ status: 'failed', error, speeds: first.speeds });
});

test('the speed of a graphics card goes with its name', () => {
  const running: SelfTestState = { ...selfTestAtStart, status: 'running', backend: 'webgpu', adapter: 'made up' };
  const { matmul, model } = speedOf(7);
  const after = reduceSelfTest(running, { type: 'selfTest.finished', matmul, model, profile: null });
  expect(after.speeds).toEqual({ webgpu: { ...speedOf(7), adapter: 'made up' } });
});
