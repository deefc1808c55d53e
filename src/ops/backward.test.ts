// Our backward pass beside tfjs’ own: the same bits, less memory, nothing left behind.
import {
  add,
  dispose,
  engine,
  memory,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simdBackend, startSimd, stopSimd } from '../backend/simd/simd';
import { CounterRng } from '../lib/counterRng';
import { attention } from './attention/attention';
import { gradients } from './backward';
import { linear } from './linear/linear';
import './registerSimd';
import { rmsNorm } from './rmsNorm/rmsNorm';
import { swiglu } from './swiglu/swiglu';

beforeAll(async () => {
  await startSimd({ threads: 2 });
});
afterAll(stopSimd);

const [batch, time, width] = [4, 24, 32];
const rng = new CounterRng(5, 5);
const random = (shape: number[]) =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, () => 0.2 * rng.normal()),
    shape,
  );

/** Residual layers of everything, with a weight used twice and outputs that lead nowhere (lse, h). */
function network() {
  const x = random([batch * time, width]);
  const ranges = tensor(new Int32Array(batch * time * 3), [batch, time, 3], 'int32') as never;
  const parameters = [
    random([width]),
    random([width, width]),
    random([4, width]),
    random([width, 4]),
    random([width, width]),
  ];
  const loss = () => {
    const [norm, w, a, b, shared] = parameters as never[];
    let h: Tensor = x;
    for (let layer = 0; layer < 6; layer++) {
      const q = linear(rmsNorm(h, norm, 1e-5), w, { lora: { a, b, scale: 2 } });
      const mixed = attention(
        q.reshape([batch, time, width]) as never,
        q.reshape([batch, time, width]) as never,
        q.reshape([batch, time, width]) as never,
        ranges,
        { heads: 4, kvHeads: 4, scale: 0.3 },
      );
      h = add(h, swiglu(linear(mixed.reshape(h.shape), shared), linear(h, shared)));
    }
    return sum(mul(square(h), 0.1)) as Scalar;
  };
  return { loss, parameters };
}

test('the bits of tfjs’ own backward pass', () => {
  const { loss, parameters } = network();
  const ours = tidy(() => gradients(loss, parameters) as never) as ReturnType<typeof gradients>;
  const theirs = tidy(() => engine().gradients(loss, parameters) as never) as { value: Scalar; grads: Tensor[] };
  expect(ours.value.dataSync()).toEqual(theirs.value.dataSync());
  ours.grads.forEach((gradient, i) => {
    expect(gradient.dataSync()).toEqual(theirs.grads[i].dataSync());
  });
});

test('nothing is left behind, and far less is held at the worst moment', () => {
  const { loss, parameters } = network();
  const extraBytes = (run: () => { value: Scalar; grads: Tensor[] }) => {
    const before = { tensors: memory().numTensors, bytes: simdBackend().statistics().bytesInUse };
    simdBackend().heap.forgetPeak();
    const { value, grads } = tidy(() => run() as never) as ReturnType<typeof gradients>;
    const extra = simdBackend().statistics().peakBytes - before.bytes;
    dispose([value, ...grads]);
    expect({ tensors: memory().numTensors, bytes: simdBackend().statistics().bytesInUse }).toEqual(before);
    return extra;
  };
  // The weights' packed forms are made once and kept.
  tidy(() => void gradients(loss, parameters));
  const theirs = extraBytes(() => engine().gradients(loss, parameters) as { value: Scalar; grads: Tensor[] });
  const ours = extraBytes(() => gradients(loss, parameters));
  expect(ours).toBeLessThan(0.7 * theirs);
});

test('a failing loss leaves no tensor and no tape behind', () => {
  const { loss, parameters } = network();
  const before = memory().numTensors;
  expect(() =>
    gradients(() => {
      loss();
      throw new Error('on purpose');
    }, parameters),
  ).toThrow('on purpose');
  expect(memory().numTensors).toBe(before);
  tidy(() => void gradients(loss, parameters));
  expect(memory().numTensors).toBe(before);
});

test('a tensor that the value does not depend on is named', () => {
  const { loss, parameters } = network();
  expect(() => gradients(loss, [...parameters, random([3])])).toThrow(/expected the value to depend on tensor 5 \[3\]/);
});
