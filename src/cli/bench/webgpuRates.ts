// What a GPU can do and what we make of it: multiply-adds between registers, and our matrix product.
import { dispose, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import type { GpuBackend } from '../../backend/webgpu/gpuBackend';
import { defineProgram } from '../../backend/webgpu/gpuProgram';
import { CounterRng } from '../../lib/counterRng';
import { gemm } from '../../ops/gemm/gemm';
import { median } from '../../worker/benchModel';

const CHAINS = 8;
const chains = Array.from({ length: CHAINS }, (_, i) => i);
/** Independent chains of four multiply-adds; the result is kept so that nothing is left out. */
const peak = defineProgram('bench: multiply-adds between registers', () => ({
  storage: { y: 'f32 out' },
  parameters: { rounds: 'u32', factor: 'f32' },
  body: `
  let a = vec4f(params.factor, 1.0 - params.factor, params.factor * 0.5, 0.5);
  ${chains.map((i) => `var c${i} = vec4f(f32(lane) * 0.001 + ${i}.0);`).join('\n  ')}
  for (var i = 0u; i < params.rounds; i = i + 1u) {
    ${chains.map((i) => `c${i} = fma(c${i}, a, a);`).join('\n    ')}
  }
  let sum = ${chains.map((i) => `c${i}`).join(' + ')};
  y[groupIndex * 64u + lane] = sum.x + sum.y + sum.z + sum.w;`,
}));

/** Median seconds of `work` until the GPU is done with it. The first runs compile. */
export async function secondsOf(backend: GpuBackend, work: () => unknown, repeats = 5): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats + 2; i++) {
    const start = performance.now();
    await work();
    backend.flush();
    await backend.device.queue.onSubmittedWorkDone();
    if (i >= 2) times.push((performance.now() - start) / 1000);
    await backend.settled();
  }
  return median(times);
}

/** Multiply-adds between registers, GFLOP/s: the f32 peak as a shader sees it. */
export async function peakRate(backend: GpuBackend, isTiny: boolean): Promise<number> {
  const [groups, rounds] = isTiny ? [16, 64] : [16384, 4096];
  const y = backend.output([groups * 64]);
  const seconds = await secondsOf(backend, () => backend.run(peak, [y], { rounds, factor: 0.25 }, groups));
  backend.release(y);
  return (groups * 64 * rounds * CHAINS * 4 * 2) / seconds / 1e9;
}

/** Our product of two square matrices, GFLOP/s; several per measurement, so that the launch does not count. */
export async function productRate(backend: GpuBackend, size: number, isTransposed: boolean): Promise<number> {
  const rng = new CounterRng(3, size);
  const matrix = () =>
    tensor(
      Float32Array.from({ length: size * size }, () => rng.uniform() - 0.5),
      [size, size],
    );
  const [a, b] = [matrix(), matrix()];
  const times = Math.max(1, Math.min(20, Math.round(4e10 / size ** 3)));
  const kept: Tensor[] = [];
  const seconds = await secondsOf(backend, () => {
    dispose(kept.splice(0));
    for (let i = 0; i < times; i++) {
      dispose(kept.splice(0));
      kept.push(tidy(() => gemm(a, b, { transposeB: isTransposed })));
    }
  });
  dispose([a, b, ...kept]);
  return (2 * size ** 3 * times) / seconds / 1e9;
}
