// The backend as a whole: threads, equal bits, flat memory, addresses above 2 GiB, moving between backends.
import {
  add,
  dispose,
  engine,
  fill,
  memory,
  setBackend,
  type Tensor2D,
  type Tensor3D,
  tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, test } from 'vitest';
import { CounterRng } from '../../lib/counterRng';
import { oursSide } from '../../worker/benchSide';
import '../../ops/registerSimd';
import { attention } from '../../ops/attention/attention';
import { gemm } from '../../ops/gemm/gemm';
import { simdBackend, startSimd, stopSimd } from './simd';
import { hasRelaxedSimd } from './wasmFeatures';

afterAll(stopSimd);

const values = (seed: number, size: number) => {
  const rng = new CounterRng(seed, 0);
  return Float32Array.from({ length: size }, () => rng.normal());
};

/** Several losses of a short training run: everything the engine does, in a few numbers. */
async function trainingLosses(steps: number): Promise<number[]> {
  const side = oursSide({ batch: 5, time: 19 });
  const losses = [];
  for (let step = 0; step < steps; step++) losses.push(await side.trainStep());
  return losses;
}

describe('simd backend', () => {
  test('starts with as many threads as asked, and adds up', async () => {
    for (const threads of [1, 2, 4]) {
      expect((await startSimd({ threads })).threads).toBe(threads);
      const n = 100_003;
      const sum = tidy(() => add(fill([n], 1.5), tensor1d(Float32Array.from({ length: n }, (_, i) => i))).dataSync());
      expect(sum.every((x, i) => x === i + 1.5)).toBe(true);
    }
  });

  test('the same bits for 1, 2 and 4 threads: products, attention, training', async () => {
    const results: unknown[] = [];
    for (const threads of [1, 2, 4]) {
      await startSimd({ threads });
      const product = tidy(() =>
        gemm(tensor(values(1, 301 * 517), [301, 517]), tensor(values(2, 301 * 77), [301, 77]), {
          transposeA: true,
        }).dataSync(),
      );
      const q = tensor(values(3, 3 * 70 * 24), [3, 70, 24]) as Tensor3D;
      const ranges = tensor(new Int32Array(3 * 70 * 3), [3, 70, 3], 'int32') as Tensor3D;
      const mixed = tidy(() => attention(q, q, q, ranges, { heads: 3, kvHeads: 3, scale: 0.3 }).dataSync());
      results.push({ product, mixed, losses: await trainingLosses(3) });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('relaxed and plain SIMD agree to a few parts in a million', async () => {
    expect(hasRelaxedSimd()).toBe(true);
    const losses: number[][] = [];
    for (const relaxed of [true, false]) {
      expect((await startSimd({ threads: 2, relaxed })).relaxedSimd).toBe(relaxed);
      losses.push(await trainingLosses(3));
    }
    losses[0].forEach((loss, i) => {
      expect(Math.abs(loss - losses[1][i])).toBeLessThan(2e-5);
    });
  });

  test('200 training steps leave tensors, blocks, bytes and memory as they were', async () => {
    await startSimd({ threads: 2 });
    const side = oursSide({ batch: 3, time: 17 });
    for (let step = 0; step < 3; step++) await side.trainStep();
    const before = { tensors: memory().numTensors, ...simdBackend().statistics() };
    for (let step = 0; step < 200; step++) await side.trainStep();
    expect({ tensors: memory().numTensors, ...simdBackend().statistics() }).toEqual(before);
  });

  test('tensors move to another backend and back with their values', async () => {
    await startSimd({ threads: 1 });
    const x = tensor1d([1, 2, 3], 'int32');
    await setBackend('cpu');
    const doubled = add(x, x);
    await setBackend('simd');
    expect(Array.from(add(doubled, x).dataSync())).toEqual([3, 6, 9]);
    dispose([x, doubled]);
  });

  test('kernels reach tensors above 2 GiB, where addresses are negative as signed integers', async () => {
    await startSimd({ threads: 2 });
    // Only reserves address space: the system gives memory when it is touched.
    const block = simdBackend().heap.allocate(2.2 * 2 ** 30);
    const a = values(1, 70 * 40);
    const x = tensor(a, [70, 40]) as Tensor2D;
    expect(simdBackend().pointer(x)).toBeGreaterThan(2 ** 31);
    const identity = tensor(
      Float32Array.from({ length: 1600 }, (_, i) => (i % 41 === 0 ? 1 : 0)),
      [40, 40],
    );
    expect(tidy(() => gemm(x, identity).dataSync())).toEqual(a);
    expect(tidy(() => gemm(x, identity, { transposeB: true }).dataSync())).toEqual(a);
    expect(tidy(() => add(x, x).dataSync())).toEqual(a.map((value) => 2 * value));
    // With one key to see, attention is that key's value.
    const v = tensor(a, [70, 1, 40]) as Tensor3D;
    const ranges = tensor(new Int32Array(210), [70, 1, 3], 'int32') as Tensor3D;
    expect(tidy(() => attention(v, v, v, ranges, { heads: 4, kvHeads: 4, scale: 1 }).dataSync())).toEqual(a);
    simdBackend().heap.free(block);
  });

  test('a tensor of text is refused with a sentence', async () => {
    await startSimd({ threads: 1 });
    expect(() => engine().makeTensor(['a'], [1], 'string')).toThrow(/expected a tensor of float32, int32 or bool/);
  });
});
