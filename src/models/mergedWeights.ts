// The model with its adapter added into the weights, tensor by tensor as a checkpoint holds them: W + scale·B·A where there is a low-rank
// path, blocks unpacked, matrices that lie the other way round in files turned back.
import { tidy } from '@tensorflow/tfjs-core';
import { dequantise } from '../lib/blocks/dequantise';
import { gemm } from '../ops/gemm/gemm';
import { StudioError } from '../protocol/errors';
import { type Adapter, scaleOf } from './adapter';
import type { LanguageModel } from './model';
import type { NamedArray } from './safetensors';

async function floatsOf(model: LanguageModel, adapter: Adapter, name: string): Promise<Float32Array> {
  const quantised = model.quantised?.get(name);
  if (!quantised) {
    const weight = adapter.replaced.get(name) ?? model.weights.get(name);
    if (!weight) throw new RangeError(`merge: expected a tensor "${name}", the model has none of that name.`);
    return Float32Array.from(await weight.data());
  }
  const words = Int32Array.from(await quantised.blocks.data());
  const [rows, columns] = quantised.shape;
  const values = new Float32Array(rows * columns);
  dequantise(quantised.type, new Uint8Array(words.buffer), values);
  return values;
}

/** Adds scale·B·A to a matrix [out, in]. */
async function addPath(values: Float32Array, adapter: Adapter, module: string): Promise<void> {
  const lora = adapter.lora.get(module);
  if (!lora) return;
  const delta = tidy(() => gemm(lora.b, lora.a, { alpha: scaleOf(adapter.config, module) }));
  (await delta.data()).forEach((value, i) => {
    values[i] += value;
  });
  delta.dispose();
}

function turnBack(values: Float32Array, [out, inner]: number[]): Float32Array {
  const turned = new Float32Array(values.length);
  for (let o = 0; o < out; o++) for (let i = 0; i < inner; i++) turned[i * out + o] = values[o * inner + i];
  return turned;
}

/** One tensor at a time, in the checkpoint's order. @throws StudioError('model') for an adapter that is no sum of weights */
export async function* mergedWeights(model: LanguageModel, adapter: Adapter): AsyncGenerator<NamedArray> {
  if (adapter.units.size > 0)
    throw new StudioError('model', 'merge: expected low-rank paths alone, got units that read what they mix.');
  const { tensors, turned } = model.architecture;
  for (const [name, shape] of tensors) {
    const values = await floatsOf(model, adapter, name);
    await addPath(values, adapter, name.replace(/\.weight$/, ''));
    yield turned.has(name)
      ? { name, shape: shape.toReversed(), data: turnBack(values, shape) }
      : { name, shape, data: values };
  }
}
