// Adapters as PEFT writes them (adapter_config.json, adapter_model.safetensors) onto a loaded base. Anything in the configuration that
// would change what the adapter computes and is not implemented is refused by name.
import { StudioError } from '../protocol/errors';
import { type Adapter, type AdapterConfig, rankOf, restoreAdapter } from './adapter';
import { type Config, ConfigReader, isObject } from './configReader';
import type { LanguageModel } from './model';
import type { NamedArray } from './safetensors';

const CONFIG = 'adapter_config.json';
const FILE = 'adapter_model.safetensors';

/** Fields of LoraConfig that change the mathematics; absent, null, false and empty are what plain LoRA has. */
const MUST_BE_EMPTY = [
  ...[
    'alora_invocation_tokens',
    'arrow_config',
    'bdlora',
    'corda_config',
    'eva_config',
    'kasa_config',
    'layer_replication',
  ],
  ...[
    'layers_to_transform',
    'lora_bias',
    'lora_ga_config',
    'modules_to_save',
    'monteclora_config',
    'target_parameters',
  ],
  ...['trainable_token_indices', 'use_bdlora', 'use_dora', 'use_qalora', 'velora_config'],
];

const isEmpty = (value: unknown): boolean =>
  value == null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);

/** Names of modules, not regular expressions: PEFT allows both. */
function readPattern(read: ConfigReader, name: string): Record<string, number> | undefined {
  const value = read.json[name];
  if (isEmpty(value)) return undefined;
  if (!isObject(value)) return read.refuse(`expected ${name} to be an object, got ${JSON.stringify(value)}.`);
  const entries = Object.entries(value).map(([key, number]): [string, number] => {
    const module = key.replace(/^\^/, '');
    if (!/^[\w.-]+$/.test(module)) read.refuse(`expected ${name} to name modules, got the pattern "${key}".`);
    return [module, read.positive(`${name}["${key}"]`, undefined, number)];
  });
  return Object.fromEntries(entries);
}

/** @throws StudioError('model') */
export function readPeftConfig(json: Config): AdapterConfig {
  const read = new ConfigReader(json, CONFIG);
  read.only({ peft_type: 'LORA', bias: 'none' });
  for (const name of MUST_BE_EMPTY) {
    if (!isEmpty(json[name]))
      read.refuse(`expected no ${name}, got ${JSON.stringify(json[name])?.slice(0, 80)}, which is not implemented.`);
  }
  // The others change the base model when the adapter is made, and again when it is loaded.
  const init = json.init_lora_weights ?? true;
  if (typeof init !== 'boolean' && init !== 'gaussian' && init !== 'orthogonal') {
    read.refuse(`expected init_lora_weights true, false, "gaussian" or "orthogonal", got ${JSON.stringify(init)}.`);
  }
  const targets = json.target_modules;
  return {
    method: 'lora',
    r: read.integer('r', 1, 65536, 8),
    alpha: read.positive('lora_alpha', 8),
    targets: Array.isArray(targets) ? targets.filter((target) => typeof target === 'string') : [],
    rankPattern: readPattern(read, 'rank_pattern'),
    alphaPattern: readPattern(read, 'alpha_pattern'),
    rslora: read.boolean('use_rslora', false),
  };
}

const KEY = /^base_model\.model\.(.+)\.lora_([AB])(?:\.default)?\.weight$/;

/**
 * The adapter with these tensors on the current backend.
 * @param tensors of adapter_model.safetensors
 * @throws StudioError('model') when a tensor does not fit the base, or is of a layer that LoRA cannot wrap here
 */
export function importPeftAdapter(
  model: LanguageModel,
  json: Config,
  tensors: ReadonlyMap<string, NamedArray>,
): Adapter {
  const config = readPeftConfig(json);
  const refuse = (sentence: string): never => {
    throw new StudioError('model', `${FILE}: ${sentence}`);
  };
  const values: NamedArray[] = [];
  const parts = new Map<string, number>();
  for (const { name, shape, data } of tensors.values()) {
    const [, module, part] =
      KEY.exec(name) ?? refuse(`expected low-rank matrices of linear layers, got "${name}", which is not implemented.`);
    const weight = model.architecture.projections.includes(module)
      ? model.architecture.tensors.get(`${module}.weight`)
      : undefined;
    if (!weight)
      return refuse(
        `expected modules of ${model.id} that LoRA may wrap, got "${module}". Is the adapter of another model?`,
      );
    const rank = rankOf(config, module);
    const wanted = part === 'A' ? [rank, weight[1]] : [weight[0], rank];
    if (shape.join() !== wanted.join())
      refuse(`tensor "${name}": expected [${wanted}], got [${shape}]. Is the adapter of another model?`);
    if (!data.every(Number.isFinite)) refuse(`tensor "${name}": expected finite numbers. The file is damaged.`);
    values.push({ name: `base_model.model.${module}.lora_${part}.weight`, shape, data });
    parts.set(module, (parts.get(module) ?? 0) + 1);
  }
  for (const [module, count] of parts)
    if (count !== 2) refuse(`expected lora_A and lora_B of "${module}", got one of them.`);
  if (values.length === 0) refuse('expected at least one pair of matrices, got none.');
  return restoreAdapter(model, config, values);
}
