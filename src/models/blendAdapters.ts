// Several adapters at once: Σ weight·scale·B·A is one low-rank path whose rank is the sum of theirs, exactly. Switching is a blend of one.
import { concat, keep, mul, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { type Adapter, scaleOf } from './adapter';

export interface AdapterShare {
  adapter: Adapter;
  /** 1 = as it is, 0 = off; negative takes away */
  weight: number;
}

/** A new adapter; those it is made of stay as they are. @throws RangeError for adapters that are not low-rank paths alone */
export function blendAdapters(shares: readonly AdapterShare[]): Adapter {
  for (const { adapter, weight } of shares) {
    if (adapter.config.method !== 'lora' || adapter.units.size > 0)
      throw new RangeError(
        'blend: expected adapters of low-rank paths alone, got one with weights or units of its own.',
      );
    if (!Number.isFinite(weight)) throw new RangeError(`blend: expected weights that are numbers, got ${weight}.`);
  }
  const modules = [...new Set(shares.flatMap(({ adapter }) => [...adapter.lora.keys()]))];
  if (modules.length === 0) throw new RangeError('blend: expected at least one adapter, got none.');
  const lora: Adapter['lora'] = new Map();
  const ranks: Record<string, number> = {};
  for (const module of modules) {
    const paths = shares.flatMap(({ adapter, weight }) => {
      const path = adapter.lora.get(module);
      return path ? [{ ...path, factor: weight * scaleOf(adapter.config, module) }] : [];
    });
    const joined = tidy(() => ({
      a: keep(
        concat(
          paths.map(({ a }) => a),
          0,
        ),
      ) as Tensor2D,
      b: keep(
        concat(
          paths.map(({ b, factor }) => mul(b, factor)),
          1,
        ),
      ) as Tensor2D,
    }));
    lora.set(module, joined);
    ranks[module] = joined.a.shape[0];
  }
  const r = Math.max(...Object.values(ranks));
  // alpha = rank: the scale of every path is 1, its own is in B.
  const config = { method: 'lora' as const, r, alpha: r, targets: modules, rankPattern: ranks, alphaPattern: ranks };
  return { config, lora, replaced: new Map(), units: new Map(), heads: new Map() };
}
