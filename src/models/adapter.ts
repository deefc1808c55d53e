// What is trained: low-rank matrices beside frozen projections (LoRA, Hu et al. 2021, arXiv 2106.09685), or, as an option,
// copies of the weights themselves. With the adapter off, the same base is the reference policy.
import { add, keep, type Tensor, type Tensor2D, tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { CounterRng } from '../lib/counterRng';
import { fnv1a } from '../lib/fnv1a';
import type { IntegrateUnit } from './integrateUnit';
import type { LanguageModel } from './model';
import type { NamedArray } from './safetensors';

export interface AdapterConfig {
  /** `lora`, or `full`: every weight is trained */
  method: 'lora' | 'full';
  r: number;
  alpha: number;
  /** last parts of module names, e.g. ["q_proj", "v_proj"]; empty = all linear layers but the output head */
  targets: string[];
  /** rank and alpha of modules that differ, by the end of their names (PEFT's rank_pattern and alpha_pattern) */
  rankPattern?: Record<string, number>;
  alphaPattern?: Record<string, number>;
  /** scale alpha / √r instead of alpha / r (Kalajdzievski 2023, arXiv 2312.03732) */
  rslora?: boolean;
}

/** The value of the first pattern that names this module: the whole name, or its end behind a dot. */
function ofModule(pattern: Record<string, number> | undefined, module: string): number | undefined {
  for (const [name, value] of Object.entries(pattern ?? {})) {
    if (module === name || module.endsWith(`.${name}`)) return value;
  }
  return undefined;
}

export const rankOf = (config: AdapterConfig, module: string): number =>
  ofModule(config.rankPattern, module) ?? config.r;

/** What the low-rank path of this module is multiplied by. */
export function scaleOf(config: AdapterConfig, module: string): number {
  const alpha = ofModule(config.alphaPattern, module) ?? config.alpha;
  const rank = rankOf(config, module);
  return config.rslora ? alpha / Math.sqrt(rank) : alpha / rank;
}

export interface Adapter {
  config: AdapterConfig;
  /** by module name */
  lora: Map<string, { a: Tensor2D; b: Tensor2D }>;
  /** by tensor name; only with method `full` */
  replaced: Map<string, Tensor>;
  /** by module name; only in the second stage of NAT (integrateUnit.ts) */
  units: Map<string, IntegrateUnit>;
  /** by name; read by a method beside the model (a critic, a ranker), never by the model itself */
  heads: Map<string, Tensor>;
}

/** How a head's tensor is called among the others. */
const HEAD = 'head.';

/** Whether a tensor of an adapter is a head's: no part of the model that is taken home. */
export const isHead = (name: string): boolean => name.startsWith(HEAD);

const emptyAdapter = (config: AdapterConfig): Adapter => ({
  config,
  lora: new Map(),
  replaced: new Map(),
  units: new Map(),
  heads: new Map(),
});

/**
 * A fresh adapter that changes nothing yet: B = 0, A uniform in ±1/sqrt(in) (PEFT's kaiming_uniform with a = √5).
 * The draw depends on seed and module name only.
 */
export function createAdapter(model: LanguageModel, config: AdapterConfig, seed: number): Adapter {
  const adapter = emptyAdapter(config);
  if (config.method === 'full') {
    if (model.quantised?.size) {
      throw new RangeError(
        `adapter: expected weights in float32 to train them, ${model.quantised.size} of the model's are held in blocks. Train LoRA, or load the model in float32.`,
      );
    }
    for (const [name, weight] of model.weights) {
      // A sum is a copy on every backend; reading it back would stall a GPU.
      adapter.replaced.set(
        name,
        tidy(() => keep(add(weight, zerosLike(weight)))),
      );
    }
    return adapter;
  }
  const wanted = (module: string) => config.targets.length === 0 || config.targets.some((end) => module.endsWith(end));
  for (const module of model.architecture.projections.filter(wanted)) {
    const [out, inner] = model.architecture.tensors.get(`${module}.weight`)!;
    const rng = new CounterRng(seed, fnv1a(module));
    const bound = 1 / Math.sqrt(inner);
    const rank = rankOf(config, module);
    const a = Float32Array.from({ length: rank * inner }, () => (2 * rng.uniform() - 1) * bound);
    adapter.lora.set(module, {
      a: keep(tensor(a, [rank, inner], 'float32')) as Tensor2D,
      b: keep(tensor(new Float32Array(out * rank), [out, rank], 'float32')) as Tensor2D,
    });
  }
  if (adapter.lora.size === 0) {
    throw new RangeError(
      `adapter: expected targets that name linear layers of the model, got "${config.targets.join(', ')}".`,
    );
  }
  return adapter;
}

/** Everything trainable in a fixed order, under PEFT's key names for LoRA and checkpoint names for full fine-tuning. */
export function trainables(adapter: Adapter): { name: string; tensor: Tensor }[] {
  const list: { name: string; tensor: Tensor }[] = [];
  for (const [module, { a, b }] of adapter.lora) {
    list.push({ name: `base_model.model.${module}.lora_A.weight`, tensor: a });
    list.push({ name: `base_model.model.${module}.lora_B.weight`, tensor: b });
  }
  for (const [module, unit] of adapter.units) {
    for (const part of UNIT_PARTS) list.push({ name: `base_model.model.${module}.${part}.weight`, tensor: unit[part] });
  }
  for (const [name, weight] of adapter.replaced) list.push({ name, tensor: weight });
  for (const [name, tensor] of adapter.heads) list.push({ name: `${HEAD}${name}`, tensor });
  return list;
}

const UNIT_PARTS = ['query', 'key', 'down', 'up'] as const;

/** Everything an adapter is made of: what is trained, and the low-rank paths of wrong answers, which are frozen. */
function parts(adapter: Adapter): { name: string; tensor: Tensor }[] {
  const frozen = [...adapter.units].flatMap(([module, { negative }]) => [
    { name: `base_model.model.${module}.negative_A.weight`, tensor: negative.a },
    { name: `base_model.model.${module}.negative_B.weight`, tensor: negative.b },
  ]);
  return [...trainables(adapter), ...frozen];
}

/** Copies of all values, for checkpoints and export. */
export async function readAdapter(adapter: Adapter): Promise<NamedArray[]> {
  return Promise.all(
    parts(adapter).map(async ({ name, tensor: t }) => ({
      name,
      shape: [...t.shape],
      data: Float32Array.from(await t.data()),
    })),
  );
}

/** An adapter with the values of `readAdapter`. */
export function restoreAdapter(model: LanguageModel, config: AdapterConfig, values: NamedArray[]): Adapter {
  const adapter = emptyAdapter(config);
  const byName = new Map(values.map((value) => [value.name, value]));
  const make = (name: string): Tensor => {
    const value = byName.get(name);
    if (!value) throw new RangeError(`adapter: expected a tensor "${name}", the checkpoint has none of that name.`);
    // A copy: training writes in place, and a checkpoint must stay what it was.
    return keep(tensor(value.data.slice(), value.shape, 'float32'));
  };
  for (const { name } of values) if (isHead(name)) adapter.heads.set(name.slice(HEAD.length), make(name));
  if (config.method === 'full') {
    for (const name of model.weights.keys()) adapter.replaced.set(name, make(name));
    return adapter;
  }
  for (const module of model.architecture.projections) {
    const key = `base_model.model.${module}`;
    if (!byName.has(`${key}.lora_A.weight`)) continue;
    adapter.lora.set(module, {
      a: make(`${key}.lora_A.weight`) as Tensor2D,
      b: make(`${key}.lora_B.weight`) as Tensor2D,
    });
    if (!byName.has(`${key}.query.weight`)) continue;
    const [query, keys, down, up, a, b] = [...UNIT_PARTS, 'negative_A', 'negative_B'].map(
      (part) => make(`${key}.${part}.weight`) as Tensor2D,
    );
    adapter.units.set(module, { negative: { a, b }, query, key: keys, down, up });
  }
  return adapter;
}

export function disposeAdapter(adapter: Adapter): void {
  for (const { tensor: t } of parts(adapter)) t.dispose();
}

/** Ends of names where they mean these modules and no other of the model, else whole names. */
function targetModules(model: LanguageModel, adapter: Adapter): string[] {
  const ends = [...new Set([...adapter.lora.keys()].map((name) => name.split('.').at(-1)!))];
  const meant = model.architecture.projections.filter((module) => ends.some((end) => module.endsWith(`.${end}`)));
  return meant.length === adapter.lora.size ? ends : [...adapter.lora.keys()];
}

/** adapter_config.json of PEFT. */
export function peftConfig(model: LanguageModel, adapter: Adapter): Record<string, unknown> {
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: model.id,
    revision: null,
    inference_mode: true,
    r: adapter.config.r,
    lora_alpha: adapter.config.alpha,
    lora_dropout: 0,
    bias: 'none',
    // Says that the base's matrices lie [in, out]; those of the adapter do not.
    fan_in_fan_out: model.architecture.turned.size > 0,
    init_lora_weights: true,
    target_modules: targetModules(model, adapter),
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: adapter.config.rankPattern ?? {},
    alpha_pattern: adapter.config.alphaPattern ?? {},
    use_rslora: adapter.config.rslora ?? false,
    use_dora: false,
  };
}
