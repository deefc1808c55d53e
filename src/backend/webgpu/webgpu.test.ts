// The backend itself, on Dawn with SwiftShader: tfjs' own kernels and ours in one queue, changes in place, reads, memory, and
// the loss of the device. Skipped, with the reason, where no Chromium brings SwiftShader.
import {
  add,
  clipByValue,
  concat,
  dispose,
  div,
  exp,
  fill,
  gather,
  getBackend,
  greaterEqual,
  log,
  maximum,
  mean,
  memory,
  minimum,
  mul,
  neg,
  onesLike,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import '../../ops/registerSimd';
import '../../ops/registerWebgpu';
import { adamW } from '../../ops/adamW/adamW';
import { gemm } from '../../ops/gemm/gemm';
import { chooseBackend, loseDevice } from '../backend';
import { stopSimd } from '../simd/simd';
import { startForTests, type TestDevice } from './startForTests';
import { restartWebgpu } from './webgpu';

let device: TestDevice;
let losses: string[] = [];
beforeEach(async ({ skip }) => {
  losses = [];
  const started = await startForTests('swiftshader', { onLost: (reason) => losses.push(reason) });
  if (!started.device) return skip(started.reason);
  device = started.device;
});
afterEach(() => device?.stop());

const read = async (t: Tensor) => [...(await t.data())];
const sgd = { learningRate: 1, beta1: 0, beta2: 0, eps: 0, weightDecay: 0, maxNorm: 0, step: 1 };

test("tfjs' own kernels that losses use", async () => {
  const a = tensor2d([1, -2, 3, -4, 5, -6], [2, 3]);
  const b = tensor2d([2, 2, 2, 4, 4, 4], [2, 3]);
  const cases: [string, () => Tensor, number[]][] = [
    ['add', () => add(a, b), [3, 0, 5, 0, 9, -2]],
    ['sub', () => sub(a, b), [-1, -4, 1, -8, 1, -10]],
    ['mul of a row', () => mul(a, tensor1d([1, 0, -1])), [1, 0, -3, -4, 0, 6]],
    ['mul by a number', () => mul(a, 0.5), [0.5, -1, 1.5, -2, 2.5, -3]],
    ['div', () => div(a, b), [0.5, -1, 1.5, -1, 1.25, -1.5]],
    ['neg', () => neg(a), [-1, 2, -3, 4, -5, 6]],
    ['square', () => square(a), [1, 4, 9, 16, 25, 36]],
    ['sqrt', () => sqrt(square(a)), [1, 2, 3, 4, 5, 6]],
    ['exp of log', () => exp(log(b)), [2, 2, 2, 4, 4, 4]],
    ['minimum', () => minimum(a, b), [1, -2, 2, -4, 4, -6]],
    ['maximum', () => maximum(a, b), [2, 2, 3, 4, 5, 4]],
    ['clipByValue', () => clipByValue(a, -2, 2), [1, -2, 2, -2, 2, -2]],
    ['sum', () => sum(a), [-3]],
    ['sum over rows', () => sum(a, 0), [-3, 3, -3]],
    ['mean over columns', () => mean(a, 1), [2 / 3, -5 / 3]],
    ['transpose', () => transpose(a), [1, -4, -2, 5, 3, -6]],
    ['reshape', () => reshape(a, [6]), [1, -2, 3, -4, 5, -6]],
    ['slice', () => slice(a, [1, 1], [1, 2]), [5, -6]],
    ['concat', () => concat([a, b], 1), [1, -2, 3, 2, 2, 2, -4, 5, -6, 4, 4, 4]],
    ['gather', () => gather(a, tensor1d([1, 0], 'int32')), [-4, 5, -6, 1, -2, 3]],
    ['where', () => where(greaterEqual(a, 0), a, zerosLike(a)), [1, 0, 3, 0, 5, 0]],
    ['onesLike', () => onesLike(a), [1, 1, 1, 1, 1, 1]],
    ['fill', () => fill([2], 7), [7, 7]],
  ];
  for (const [name, run, want] of cases) {
    const result = tidy(run);
    const values = await read(result);
    expect(values.length, name).toBe(want.length);
    values.forEach((value, i) => {
      expect(value, `${name}[${i}]`).toBeCloseTo(want[i], 5);
    });
    result.dispose();
  }
});

test('integers and booleans keep their values through upload and reading', async () => {
  expect(await read(tensor1d([2 ** 31 - 1, -(2 ** 31), 16777217], 'int32'))).toEqual([
    2147483647, -2147483648, 16777217,
  ]);
  // tfjs adds integers as float32: exact up to 2^24, which ids and positions stay below.
  expect(await read(add(tensor1d([16777215, -5], 'int32'), tensor1d([1, 1], 'int32')))).toEqual([16777216, -4]);
  expect(await read(greaterEqual(tensor1d([1, 2, 3]), tensor1d([2, 2, 2])))).toEqual([0, 1, 1]);
});

test('a tensor that was read and then changed in place reads as changed', async () => {
  const p = tensor1d([1, 2, 3]);
  const [g, m, v] = [tensor1d([1, 1, -1]), zeros([3]), zeros([3])];
  expect(await read(p)).toEqual([1, 2, 3]);
  // With both betas 0 and no eps every element moves by lr against the sign of its gradient.
  adamW([p], [g], [m], [v], sgd);
  const late = read(p);
  adamW([p], [g], [m], [v], sgd);
  expect(await read(p)).toEqual([-1, 0, 5]);
  // Asked between the two changes: sees the first alone, whenever it is answered.
  expect(await late).toEqual([0, 1, 4]);
});

test('a tensor may be disposed of right after asking for its values, and its buffer be reused', async () => {
  for (let i = 0; i < 5; i++) {
    const t = mul(tensor1d([i, i + 1, i + 2]), 2);
    const values = read(t);
    t.dispose();
    const intruder = tensor1d([-1, -1, -1]);
    expect(await read(add(intruder, 0))).toEqual([-1, -1, -1]);
    expect(await values).toEqual([2 * i, 2 * i + 2, 2 * i + 4]);
  }
});

test('reads of one turn share one submit', async () => {
  const tensors = [1, 2, 3, 4].map((value) => mul(tensor1d([value]), 10));
  await read(tensors[0]);
  const before = device.backend.statistics.submits;
  const values = await Promise.all(tensors.map(read));
  expect(values).toEqual([[10], [20], [30], [40]]);
  expect(device.backend.statistics.submits - before).toBe(1);
});

test('two hundred rounds leave tensors and memory as they were', async () => {
  const [x, w] = [tensor2d(new Array(64).fill(0.1), [8, 8]), tensor2d(new Array(64).fill(0.2), [8, 8])];
  const [m, v] = [zerosLike(w), zerosLike(w)];
  const round = async () => {
    const result = tidy(() => adamW([w], [gemm(x, gemm(x, w), { transposeA: true })], [m], [v], sgd));
    await result.data();
    result.dispose();
  };
  for (let i = 0; i < 5; i++) await round();
  const tensors = memory().numTensors;
  const bytes = device.backend.bufferManager.numBytesAllocated;
  for (let i = 0; i < 200; i++) await round();
  expect(memory().numTensors).toBe(tensors);
  expect(device.backend.bufferManager.numBytesAllocated).toBe(bytes);
});

test('bytes written slice by slice arrive whole, also where a slice ends within a word', async () => {
  const target = fill([5], 7, 'int32');
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 1);
  for (const [from, to] of [
    [0, 5],
    [5, 6],
    [6, 16],
    [16, 18],
  ]) {
    const name = device.backend.writeBytes(target, from, bytes.subarray(from, to));
    device.backend.release(name);
  }
  const words = new Int32Array(5);
  new Uint8Array(words.buffer).set(bytes);
  expect(await read(target)).toEqual([...words]);
  expect(() => device.backend.writeBytes(target, 7, bytes)).toThrow('expected bytes to follow');
});

test('room is asked for without an error that stays', async () => {
  const { limits } = device.backend.device;
  const before = device.backend.bufferManager.numBytesAllocated;
  expect(await device.backend.pool.hasRoomFor(2 ** 20, 2 ** 20)).toBe(true);
  expect(await device.backend.pool.hasRoomFor(2 ** 20, limits.maxStorageBufferBindingSize + 4)).toBe(false);
  expect(await device.backend.pool.hasRoomFor(Number.POSITIVE_INFINITY, 4)).toBe(false);
  expect(device.backend.bufferManager.numBytesAllocated).toBe(before);
  expect(await read(add(tensor1d([1]), tensor1d([2])))).toEqual([3]);
});

test('a synchronous read and a fault of the device are errors with a sentence', async () => {
  const t = add(tensor1d([1]), tensor1d([2]));
  expect(() => t.dataSync()).toThrow('Use await tensor.data()');
  device.backend.device.createShaderModule({ code: 'nonsense' });
  await device.backend.device.queue.onSubmittedWorkDone();
  await expect(t.data()).rejects.toThrow('webgpu: expected every command to be valid');
});

test('a lost device is reported once, and a fresh start works', async () => {
  const before = add(tensor1d([1]), tensor1d([2]));
  expect(await read(before)).toEqual([3]);
  device.backend.device.destroy();
  await device.backend.device.lost;
  await Promise.resolve();
  expect(losses.length).toBe(1);
  await expect(before.data()).rejects.toThrow();
  await restartWebgpu();
  expect(getBackend()).toBe('webgpu');
  dispose([before]);
  expect(await read(gemm(tensor2d([1, 2], [1, 2]), tensor2d([3, 4], [2, 1])))).toEqual([11]);
  expect(losses.length).toBe(1);
});

test('stopping on purpose is no loss', async () => {
  const { device: gpu } = device.backend;
  device.stop();
  await gpu.lost;
  await Promise.resolve();
  expect(losses).toEqual([]);
});

test('the choice: software goes to simd, asked-for webgpu is given, both say why', async () => {
  const automatic = await chooseBackend('auto', { threads: 1 });
  expect(automatic).toMatchObject({ backend: 'simd', reason: 'software_adapter', threads: 1 });
  expect(automatic.adapter).toMatch(/swiftshader/i);
  const lost: string[] = [];
  const chosen = await chooseBackend('webgpu', { onLost: (reason) => lost.push(reason) });
  expect(chosen).toMatchObject({ backend: 'webgpu', reason: 'chosen', relaxedSimd: false });
  expect(getBackend()).toBe('webgpu');
  expect(await read(gemm(tensor([1, 2], [1, 2]), tensor([3, 4], [2, 1])))).toEqual([11]);
  loseDevice();
  await expect.poll(() => lost.length).toBe(1);
  expect(await chooseBackend('simd', { threads: 1 })).toMatchObject({
    backend: 'simd',
    reason: 'chosen',
    adapter: null,
  });
  expect(await read(gemm(tensor([1, 2], [1, 2]), tensor([3, 4], [2, 1])))).toEqual([11]);
  stopSimd();
});

test('without WebGPU the choice is simd, also when webgpu was asked for', async () => {
  const { stop } = device;
  stop(); // takes navigator.gpu away as well
  for (const wanted of ['auto', 'webgpu'] as const) {
    expect(await chooseBackend(wanted, { threads: 1 })).toMatchObject({ backend: 'simd', reason: 'no_webgpu' });
  }
  stopSimd();
});
