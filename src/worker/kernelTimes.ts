// Where the time of some work on `simd` goes: milliseconds in each kernel, and outside of them all.
import type { SimdBackend } from '../backend/simd/simdBackend';

export interface KernelTime {
  kernel: string;
  calls: number;
  milliseconds: number;
}

export interface Profile {
  milliseconds: number;
  /** the longest first */
  kernels: KernelTime[];
  /** JavaScript between the kernels: milliseconds − Σ kernels */
  outside: number;
}

/** Runs `work` once with a clock round every kernel. Answers of kernels that are only asked for a size are counted with it. */
export async function profileKernels(backend: SimdBackend, work: () => Promise<unknown>): Promise<Profile> {
  const found = new Map<string, KernelTime>();
  const stop = backend.wrapKernels((kernel, run) => {
    const time: KernelTime = { kernel, calls: 0, milliseconds: 0 };
    found.set(kernel, time);
    return (...args) => {
      const start = performance.now();
      const result = run(...args);
      time.milliseconds += performance.now() - start;
      time.calls++;
      return result;
    };
  });
  const start = performance.now();
  try {
    await work();
  } finally {
    stop();
  }
  const milliseconds = performance.now() - start;
  const kernels = [...found.values()].filter(({ calls }) => calls > 0);
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  const inside = kernels.reduce((sum, time) => sum + time.milliseconds, 0);
  return { milliseconds, kernels, outside: milliseconds - inside };
}
