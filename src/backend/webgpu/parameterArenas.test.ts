// Parameters that share buffers stay tensors like any other: read, disposed of, trained again, summed gradients included.
import { add, dispose, memory, type Tensor, tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import '../../ops/registerWebgpu';
import { adamW } from '../../ops/adamW/adamW';
import { gradients } from '../../ops/backward';
import { linear } from '../../ops/linear/linear';
import { startForTests, type TestDevice } from './startForTests';

let device: TestDevice;
beforeEach(async ({ skip }) => {
  const started = await startForTests('swiftshader');
  if (!started.device) return skip(started.reason);
  device = started.device;
});
afterEach(() => device?.stop());

const read = async (t: Tensor) => [...(await t.data())];
/** Every element moves by 1 against the sign of its gradient: no moments, no eps. */
const sign = { learningRate: 1, beta1: 0, beta2: 0, eps: 0, weightDecay: 0, maxNorm: 0, step: 1 };

/** Two parameters, of 3 and 2 numbers, that trained once and so have moved. */
async function moved() {
  const p = [tensor([1, 2, 3], [1, 3]), tensor([10, 20], [2, 1])];
  const [m, v] = [p.map((t) => zerosLike(t)), p.map((t) => zerosLike(t))];
  const step = async (grads: Tensor[]) => {
    const result = adamW(p, grads, m, v, sign);
    const [norm] = await result.data();
    result.dispose();
    return norm;
  };
  const grads = [tensor([1, -1, 2], [1, 3]), tensor([-2, 3], [2, 1])];
  expect(await step(grads)).toBeCloseTo(Math.sqrt(19), 5);
  expect(await Promise.all(p.map(read))).toEqual([
    [0, 3, 2],
    [11, 19],
  ]);
  dispose(grads);
  return { p, m, v, step };
}

test('moved parameters can be computed with, also by kernels of tfjs, and trained again', async () => {
  const { p, m, step } = await moved();
  expect(await read(tidy(() => add(p[1], 1)))).toEqual([12, 20]);
  expect(await read(m[1])).toEqual([-2, 3]);
  const [x] = [tensor([2], [1, 1])];
  expect(await read(tidy(() => linear(x, p[1] as never)))).toEqual([22, 38]);
  await step([tensor([1, 1, 1], [1, 3]), tensor([1, 1], [2, 1])]);
  expect(await Promise.all(p.map(read))).toEqual([
    [-1, 2, 1],
    [10, 18],
  ]);
});

test('gradients of the backward pass are made where AdamW wants them; sums and strangers are copied', async () => {
  const { p, step } = await moved();
  const x = tensor([1, -1, 2], [1, 3]);
  const loss = () => tidy(() => linear(linear(x, p[0] as never), p[1] as never).sum()) as never;
  const copies = countCopies();
  const first = tidy(() => gradients(loss, p) as never) as ReturnType<typeof gradients>;
  // d/dp0 = x · (11 + 19), d/dp1 = x·p0 = 1
  expect(await Promise.all(first.grads.map(read))).toEqual([
    [30, -30, 60],
    [1, 1],
  ]);
  copies.forget();
  const alone = await step(first.grads);
  expect(alone).toBeCloseTo(Math.sqrt(900 + 900 + 3600 + 2), 3);
  // the norm alone is read back
  expect(copies.count()).toBe(1);
  // While the first are still held, the next lie elsewhere; so do sums.
  const second = tidy(() => gradients(loss, p) as never) as ReturnType<typeof gradients>;
  const sums = first.grads.map((grad, i) => add(grad, second.grads[i]));
  const want = await Promise.all(sums.map(read));
  const values = await Promise.all(p.map(read));
  copies.forget();
  await step(sums);
  expect(copies.count()).toBeGreaterThan(1);
  expect(await Promise.all(first.grads.map(read))).toEqual([
    [30, -30, 60],
    [1, 1],
  ]);
  const after = values.map((list, i) => list.map((value, j) => value - Math.sign(want[i][j])));
  expect(await Promise.all(p.map(read))).toEqual(after);
  dispose([first.value, second.value, ...first.grads, ...second.grads, ...sums]);
});

test('a list of other parameters moves again, and everything is given back', async () => {
  const bytes = device.backend.bufferManager.numBytesUsed;
  const before = memory().numTensors;
  const { p, m, v } = await moved();
  const more = [tensor([5]), zerosLike(tensor([5])), zerosLike(tensor([5]))];
  const grads = [tensor([-1, -1], [2, 1]), tensor([1])];
  const result = adamW([p[1], more[0]], grads, [m[1], more[1]], [v[1], more[2]], sign);
  expect((await read(result))[0]).toBeCloseTo(Math.sqrt(3), 5);
  expect(await Promise.all([...p, more[0]].map(read))).toEqual([[0, 3, 2], [12, 20], [4]]);
  dispose([...p, ...m, ...v, ...more, ...grads, result]);
  device.backend.flush();
  // two temporaries of 5 were made to take zeros from
  expect(memory().numTensors).toBe(before + 2);
  expect(device.backend.bufferManager.numBytesUsed).toBe(bytes);
});

/** Copies between buffers that were encoded. */
function countCopies() {
  let copies = 0;
  const gpu = device.backend.device;
  const createCommandEncoder = gpu.createCommandEncoder.bind(gpu);
  gpu.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const copy = encoder.copyBufferToBuffer.bind(encoder) as (...all: unknown[]) => undefined;
    encoder.copyBufferToBuffer = (...all: unknown[]) => {
      copies++;
      return copy(...all);
    };
    return encoder;
  };
  return {
    count: () => copies,
    forget: () => {
      copies = 0;
    },
  };
}
