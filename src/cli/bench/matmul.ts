// Matrix products on `simd` beside the peak of this machine: multiply-adds between registers, one thread, same binary.
import { tensor } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../../backend/simd/simdBackend';
import { multiplyAt } from '../../ops/gemm/gemm.simd';

export interface MatmulResult {
  shape: string;
  gflops: number;
  /** of the peak of the threads that take part */
  shareOfPeak: number;
  threads: number;
}

/** m, n, k and which operands are transposed. */
const SHAPES: [string, number, number, number, boolean, boolean][] = [
  ['1024 × 1024 × 1024', 1024, 1024, 1024, false, false],
  ['2048 × 128 × 384, B transposed', 2048, 128, 384, false, true],
  ['2048 × 384 × 128, as dx', 2048, 384, 128, false, false],
  ['384 × 128 × 2048, as dW', 384, 128, 2048, true, false],
  ['128 × 384 × 2048, as dW', 128, 384, 2048, true, false],
  ['2048 × 16 × 128, low rank', 2048, 16, 128, false, true],
  ['64 × 384 × 128, one decoding step', 64, 384, 128, false, true],
  ['64 × 32 × 64, one head', 64, 32, 64, false, false],
];

/** Products this small are left to one thread (gemm.as.ts). */
const SMALL = 150_000;

/** Best of `repeats`: what the machine can do when nothing disturbs it. @returns operations per nanosecond (GFLOP/s) */
function bestRate(operations: number, repeats: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return operations / best / 1e6;
}

export function peakOfOneThread(backend: SimdBackend): number {
  const rounds = 400_000;
  return bestRate(rounds * 384, 9, () => void backend.kernels.fmaPeak(rounds));
}

export function measureMatmul(backend: SimdBackend, peak: number): MatmulResult[] {
  return SHAPES.map(([shape, m, n, k, transposeA, transposeB]) => {
    const values = (size: number) => Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 1000) / 1000 - 0.5);
    const a = tensor(values(m * k), transposeA ? [k, m] : [m, k]);
    const b = tensor(values(k * n), transposeB ? [n, k] : [k, n]);
    const c = tensor(new Float32Array(m * n));
    const [atA, atB, atC] = [a, b, c].map((t) => backend.pointer(t));
    const product = { m, n, k, a: atA, transposeA, b: atB, transposeB, c: atC };
    const products = Math.max(1, Math.round(3e8 / (m * n * k)));
    const gflops = bestRate(2 * m * n * k * products, 12, () => {
      for (let i = 0; i < products; i++) multiplyAt(backend, product);
    });
    c.dispose();
    a.dispose();
    b.dispose();
    const threads = m * n * k > SMALL ? backend.threads : 1;
    return { shape, gflops, shareOfPeak: gflops / peak / threads, threads };
  });
}
