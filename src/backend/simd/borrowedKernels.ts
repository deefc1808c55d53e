// Everything that losses and metrics do with small tensors (compare, select, reduce, slice, gather, transpose, …): the plain
// kernels of tfjs' own cpu backend, run on values in our memory. They read our tensors in place; their results are copied.
// Kernels that `simd` has itself are left alone.
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  getKernel,
  getKernelsForBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import './storageKernels';
import type { SimdBackend } from './simdBackend';
import { registerSimdKernel, type SimdKernel } from './simdKernel';

/** tfjs' own kernels by the names it gives them; our fused ops' references are no kernels to fall back on. */
const BORROWED = [
  ...['Abs', 'Neg', 'Sign', 'Square', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Exp', 'Expm1', 'Log', 'Log1p', 'Sigmoid', 'Tanh'],
  ...['Relu', 'Softplus', 'Floor', 'Ceil', 'Round', 'ClipByValue', 'Step', 'IsNan', 'IsFinite', 'IsInf', 'Cos', 'Sin'],
  ...['Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Mod', 'Pow', 'Maximum', 'Minimum', 'SquaredDifference'],
  ...['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr', 'LogicalNot'],
  ...['Mean', 'Max', 'Min', 'Prod', 'All', 'Any', 'ArgMax', 'ArgMin', 'Cumsum', 'Softmax'],
  ...['Select', 'Slice', 'StridedSlice', 'Concat', 'Transpose', 'Tile', 'Pack', 'Unpack', 'PadV2', 'Reverse'],
  ...['GatherV2', 'GatherNd', 'ScatterNd', 'OneHot', 'Range', 'LinSpace', 'UnsortedSegmentSum', 'BatchMatMul', 'TopK'],
  ...['BroadcastArgs', 'SplitV', 'Erf'],
];

const cpu = new MathBackendCPU();

/** Tensors on loan now: 0 between two operations. */
export const lentTensors = (): number => cpu.numDataIds();

/** tfjs' own kernel as one of ours. */
export function borrowedKernel<Attrs extends object>(kernelName: string): SimdKernel<Attrs> {
  const kernel = getKernel(kernelName, 'cpu');
  if (!kernel)
    throw new Error(`simd: expected tfjs' cpu backend to have a kernel ${kernelName} to borrow, it has none.`);
  return (backend: SimdBackend, inputs, attrs) => {
    const lend = (info: TensorInfo) => cpu.makeTensorInfo(info.shape, info.dtype, backend.view(info));
    // Concat and Pack take a list; optional inputs may be undefined.
    const lent = Object.entries(inputs).flatMap(([name, info]) => (info ? [[name, lend(info)] as const] : []));
    const named = (
      Array.isArray(inputs) ? lent.map(([, info]) => info) : Object.fromEntries(lent)
    ) as NamedTensorInfoMap;
    const result = kernel.kernelFunc({ inputs: named, attrs: attrs as unknown as NamedAttrMap, backend: cpu });
    const results = Array.isArray(result) ? result : [result];
    // Copies, because a result may be its input under another shape, and taking new memory may move every view.
    const values = results.map(({ dataId }) => {
      const bytes = cpu.data.get(dataId).values as Float32Array | Int32Array | Uint8Array;
      return bytes.buffer === backend.heap.memory.buffer ? bytes.slice() : bytes;
    });
    const outputs = results.map(({ shape, dtype }, i) => {
      const out = backend.output(shape, dtype);
      backend.view(out).set(values[i]);
      return out;
    });
    for (const info of [...results, ...lent.map(([, info]) => info)]) cpu.disposeData(info.dataId, true);
    return Array.isArray(result) ? outputs : outputs[0];
  };
}

const own = new Set(getKernelsForBackend('simd').map(({ kernelName }) => kernelName));
for (const kernelName of BORROWED) {
  if (!own.has(kernelName)) registerSimdKernel(kernelName, borrowedKernel(kernelName));
}
