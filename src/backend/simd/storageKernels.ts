// The tfjs kernels that only move or fill memory, and Add, which every residual and every gradient of the tape needs.

import { shared } from '@tensorflow/tfjs-backend-cpu';
import { backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { SimdBackend } from './simdBackend';
import { registerSimdKernel } from './simdKernel';

registerSimdKernel('Identity', (backend, { x }) => backend.alias(x, x.shape));

registerSimdKernel<{ shape: number[] }>('Reshape', (backend, { x }, { shape }) => {
  const size = util.sizeFromShape(x.shape);
  return backend.alias(x, util.inferFromImplicitShape(shape, size));
});

registerSimdKernel<{ dim: number }>('ExpandDims', (backend, { input }, { dim }) => {
  const shape = [...input.shape];
  shape.splice(dim < 0 ? input.shape.length + dim + 1 : dim, 0, 1);
  return backend.alias(input, shape);
});

registerSimdKernel<{ dtype: DataType }>('Cast', (backend, { x }, { dtype }) => {
  if (x.dtype === dtype) return backend.alias(x, x.shape);
  const out = backend.output(x.shape, dtype);
  const from = backend.view(x);
  const to = backend.view(out);
  // A typed array truncates towards zero like a cast; to bool everything but 0 is true.
  if (dtype === 'bool') for (let i = 0; i < to.length; i++) to[i] = from[i] ? 1 : 0;
  else to.set(from);
  return out;
});

function filled(backend: SimdBackend, shape: number[], dtype: DataType, value: number): TensorInfo {
  const out = backend.output(shape, dtype);
  if (dtype === 'float32') backend.kernels.fill(util.sizeFromShape(shape), backend.pointer(out), value);
  else backend.view(out).fill(value);
  return out;
}

registerSimdKernel<{ shape: number[]; value: number; dtype?: DataType }>(
  'Fill',
  (backend, _, { shape, value, dtype = 'float32' }) => filled(backend, shape, dtype, value),
);
registerSimdKernel('ZerosLike', (backend, { x }) => filled(backend, x.shape, x.dtype, 0));
registerSimdKernel('OnesLike', (backend, { x }) => filled(backend, x.shape, x.dtype, 1));

function add(backend: SimdBackend, a: TensorInfo, b: TensorInfo): TensorInfo {
  if (a.dtype === 'float32' && b.dtype === 'float32' && util.arraysEqual(a.shape, b.shape)) {
    const out = backend.output(a.shape);
    backend.kernels.add(util.sizeFromShape(a.shape), backend.pointer(a), backend.pointer(b), backend.pointer(out));
    return out;
  }
  // Broadcast or integers: small tensors of metrics and losses.
  const dtype = a.dtype === 'float32' || b.dtype === 'float32' ? 'float32' : 'int32';
  const shape = backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [values] = shared.addImpl(a.shape, b.shape, backend.view(a), backend.view(b), dtype);
  const out = backend.output(shape, dtype);
  backend.view(out).set(values);
  return out;
}

registerSimdKernel('Add', (backend, { a, b }) => add(backend, a, b));

registerSimdKernel('AddN', (backend, inputs) => {
  const terms = Object.values(inputs);
  if (terms.length === 1) return backend.alias(terms[0], terms[0].shape);
  const out = add(backend, terms[0], terms[1]);
  const address = backend.pointer(out);
  const size = util.sizeFromShape(out.shape);
  for (const term of terms.slice(2)) backend.kernels.add(size, address, backend.pointer(term), address);
  return out;
});
