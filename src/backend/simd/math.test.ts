// exp and log of four lanes against float64, on both binaries.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from './simd';

/** The kernel's values at `inputs`. */
function mapped(which: 'exp' | 'log', inputs: Float32Array): Float32Array {
  const backend = simdBackend();
  const [from, out] = [backend.output([inputs.length]), backend.output([inputs.length])];
  backend.view(from).set(inputs);
  backend.kernels.mapFunction(which === 'log' ? 1 : 0, inputs.length, backend.pointer(from), backend.pointer(out));
  const result = backend.view(out).slice() as Float32Array;
  backend.release(from, out);
  return result;
}

/** Largest error in units of the last place of the true value. */
function worstUlps(inputs: Float32Array, got: Float32Array, truth: (x: number) => number): number {
  let worst = 0;
  inputs.forEach((x, i) => {
    const true64 = truth(x);
    const ulp = 2 ** (Math.floor(Math.log2(Math.abs(true64))) - 23);
    worst = Math.max(worst, Math.abs(got[i] - true64) / ulp);
  });
  return worst;
}

describe.each([
  { title: 'plain SIMD', relaxed: false },
  { title: 'relaxed SIMD', relaxed: true },
])('$title', ({ relaxed }) => {
  beforeAll(async () => {
    await startSimd({ threads: 1, relaxed });
  });
  afterAll(stopSimd);

  test('exp4 is within 2 units in the last place on its whole range', () => {
    const inputs = Float32Array.from({ length: 400_000 }, (_, i) => -87 + (i / 400_000) * 175);
    expect(worstUlps(inputs, mapped('exp', inputs), Math.exp)).toBeLessThan(2);
  });

  test('exp4 at the ends: −inf is nothing beside any weight, nothing overflows, NaN stays', () => {
    const [low, high, nan, one] = mapped('exp', Float32Array.of(Number.NEGATIVE_INFINITY, 1000, Number.NaN, 0));
    expect(low).toBeLessThan(2e-38);
    expect(Number.isFinite(high)).toBe(true);
    expect(nan).toBeNaN();
    expect(one).toBe(1);
  });

  test('log4 is within 2 units in the last place for sums of weights', () => {
    // From 1 (one key) to many; near 1 the result is near 0, where a unit is tiny: absolute error counts there.
    const inputs = Float32Array.from({ length: 200_000 }, (_, i) => 1.1 + i * 0.37);
    expect(worstUlps(inputs, mapped('log', inputs), Math.log)).toBeLessThan(2);
    const near = Float32Array.from({ length: 4000 }, (_, i) => 1 + i / 4000);
    mapped('log', near).forEach((y, i) => {
      expect(Math.abs(y - Math.log(near[i]))).toBeLessThan(1.2e-7);
    });
  });
});
