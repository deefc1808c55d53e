// Adapters that a method sets aside while it trains: the policy an iteration samples from, SPIN's opponent, a teacher.
// They are frozen and part of every checkpoint, so that what was drawn from them can be drawn again after a resume.
import { add, keep, type Tensor, type Tensor2D, tidy, zerosLike } from '@tensorflow/tfjs-core';
import {
  type Adapter,
  type AdapterConfig,
  createAdapter,
  disposeAdapter,
  readAdapter,
  restoreAdapter,
  trainables,
} from '../models/adapter';
import { integratedAdapter } from '../models/integrateUnit';
import type { LanguageModel } from '../models/model';
import type { NamedArray } from '../models/safetensors';
import { createOptimizer, disposeOptimizer, type Optimizer } from './optimizer';

/** What training changes. */
export interface TrainedState {
  adapter: Adapter;
  optimizer: Optimizer;
  /** by name; empty in methods that set nothing aside */
  aside: Map<string, Adapter>;
}

function putAside(state: TrainedState, name: string, adapter: Adapter): void {
  const earlier = state.aside.get(name);
  if (earlier) disposeAdapter(earlier);
  state.aside.set(name, adapter);
}

/** A frozen copy of the policy under `name`, without its heads; training goes on from where it is. */
export function copyAside(state: TrainedState, name: string): void {
  // A sum is a copy on every backend; reading it back would stall a GPU.
  const copy = <T extends Tensor>(t: T): T => tidy(() => keep(add(t, zerosLike(t)))) as T;
  const { config, lora, replaced, units } = state.adapter;
  if (units.size > 0) throw new RangeError(`${name}: expected an adapter without units of NAT, which is never copied.`);
  putAside(state, name, {
    config,
    units: new Map(),
    heads: new Map(),
    lora: new Map([...lora].map(([module, { a, b }]) => [module, { a: copy<Tensor2D>(a), b: copy<Tensor2D>(b) }])),
    replaced: new Map([...replaced].map(([module, weight]) => [module, copy(weight)])),
  });
}

/** Fresh moments; what was trained stays. */
export function restartOptimizer(state: TrainedState): void {
  disposeOptimizer(state.optimizer);
  state.optimizer = createOptimizer(trainables(state.adapter));
}

/**
 * What was trained so far goes aside under `name`; training starts again from the base: a fresh optimizer, and the
 * same fresh adapter as at the beginning of the run.
 */
export function restartFromBase(state: TrainedState, model: LanguageModel, seed: number, name: string): void {
  restartAs(state, model, seed, state.adapter.config, name);
}

/** The same with an adapter of another kind. @param name null: what was trained so far is forgotten */
export function restartAs(
  state: TrainedState,
  model: LanguageModel,
  seed: number,
  config: AdapterConfig,
  name: string | null,
): void {
  if (name !== null) putAside(state, name, state.adapter);
  else disposeAdapter(state.adapter);
  state.adapter = createAdapter(model, config, seed);
  restartOptimizer(state);
}

/**
 * What was trained so far becomes the frozen path of wrong answers; training starts again from the base beside it (NAT, stage 2).
 * @param width d_a of the Integrate Unit @param forget a path that does nothing takes its place (a control)
 */
export function integrateNegative(
  state: TrainedState,
  model: LanguageModel,
  seed: number,
  width: number,
  forget: boolean,
): void {
  const learned = state.adapter;
  state.adapter = integratedAdapter(model, forget ? createAdapter(model, learned.config, seed) : learned, seed, width);
  if (forget) disposeAdapter(learned);
  restartOptimizer(state);
}

const PREFIX = 'aside';

/** For a checkpoint: "aside/<name>/<tensor>". */
export async function readAside(aside: ReadonlyMap<string, Adapter>): Promise<NamedArray[]> {
  const lists = await Promise.all(
    [...aside].map(async ([name, adapter]) =>
      (await readAdapter(adapter)).map((array) => ({ ...array, name: `${PREFIX}/${name}/${array.name}` })),
    ),
  );
  return lists.flat();
}

/** Adapters of `readAside` among the tensors of a checkpoint. */
export function restoreAside(
  model: LanguageModel,
  config: AdapterConfig,
  tensors: readonly NamedArray[],
): Map<string, Adapter> {
  const groups = new Map<string, NamedArray[]>();
  for (const array of tensors) {
    const [prefix, name, ...rest] = array.name.split('/');
    if (prefix !== PREFIX) continue;
    groups.set(name, [...(groups.get(name) ?? []), { ...array, name: rest.join('/') }]);
  }
  return new Map([...groups].map(([name, arrays]) => [name, restoreAdapter(model, config, arrays)]));
}

export function disposeAside(aside: Map<string, Adapter>): void {
  for (const adapter of aside.values()) disposeAdapter(adapter);
  aside.clear();
}
