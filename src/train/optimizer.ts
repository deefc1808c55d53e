// AdamW over the trainable tensors, with its moments beside them. The only mutable state of training besides the adapter.
import { keep, type Tensor, tensor, zerosLike } from '@tensorflow/tfjs-core';
import type { NamedArray } from '../models/safetensors';
import { type AdamWAttrs, adamW } from '../ops/adamW/adamW';

export interface Optimizer {
  /** updates done */
  step: number;
  names: string[];
  params: Tensor[];
  m: Tensor[];
  v: Tensor[];
}

export function createOptimizer(parameters: { name: string; tensor: Tensor }[]): Optimizer {
  const params = parameters.map(({ tensor: t }) => t);
  return {
    step: 0,
    names: parameters.map(({ name }) => name),
    params,
    m: params.map((t) => keep(zerosLike(t))),
    v: params.map((t) => keep(zerosLike(t))),
  };
}

/** Updates the parameters in place. @returns the gradient norm before clipping; not finite = nothing was changed */
export async function optimizerStep(
  optimizer: Optimizer,
  grads: Tensor[],
  attrs: Omit<AdamWAttrs, 'step'>,
): Promise<number> {
  const result = adamW(optimizer.params, grads, optimizer.m, optimizer.v, { ...attrs, step: optimizer.step + 1 });
  const [norm] = await result.data();
  result.dispose();
  if (Number.isFinite(norm)) optimizer.step++;
  return norm;
}

/** The moments, for a checkpoint. */
export async function readOptimizer(optimizer: Optimizer): Promise<NamedArray[]> {
  const read = async (kind: string, name: string, t: Tensor) => ({
    name: `${kind}.${name}`,
    shape: [...t.shape],
    data: Float32Array.from(await t.data()),
  });
  return Promise.all([
    ...optimizer.m.map((t, i) => read('m', optimizer.names[i], t)),
    ...optimizer.v.map((t, i) => read('v', optimizer.names[i], t)),
  ]);
}

/** Puts moments of `readOptimizer` back. */
export function restoreOptimizer(optimizer: Optimizer, values: NamedArray[], step: number): void {
  const byName = new Map(values.map((value) => [value.name, value]));
  const restore = (kind: 'm' | 'v') =>
    optimizer.names.map((name, i) => {
      const value = byName.get(`${kind}.${name}`);
      if (!value)
        throw new RangeError(
          `checkpoint: expected moments "${kind}.${name}", got none. The checkpoint is of another adapter.`,
        );
      optimizer[kind][i].dispose();
      return keep(tensor(value.data.slice(), value.shape, 'float32'));
    });
  optimizer.m = restore('m');
  optimizer.v = restore('v');
  optimizer.step = step;
}

export function disposeOptimizer(optimizer: Optimizer): void {
  for (const t of [...optimizer.m, ...optimizer.v]) t.dispose();
}
