// Reads fields of a config.json with bounds; every refusal names the field. What would change the mathematics and is not
// implemented is refused, never guessed. Fields that transformers' own class of the architecture does not read cannot change
// what it computes: they are left alone.
import { StudioError } from '../protocol/errors';

export type Config = Record<string, unknown>;

const show = (value: unknown) => JSON.stringify(value)?.slice(0, 80) ?? 'nothing';

export const isObject = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class ConfigReader {
  constructor(
    readonly json: Config,
    private readonly where = 'config.json',
  ) {}

  refuse(sentence: string): never {
    throw new StudioError('model', `${this.where}: ${sentence}`);
  }

  integer(name: string, min: number, max: number, fallback?: number): number {
    const value = this.json[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      return this.refuse(`expected ${name} to be a whole number from ${min} to ${max}, got ${show(value)}.`);
    }
    return value;
  }

  /** @param value of another place than the top level */
  positive(name: string, fallback?: number, value: unknown = this.json[name]): number {
    const number = value ?? fallback;
    if (typeof number !== 'number' || !(number > 0) || !Number.isFinite(number)) {
      return this.refuse(`expected ${name} to be a number above 0, got ${show(number)}.`);
    }
    return number;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.json[name] ?? fallback;
    if (typeof value !== 'boolean') return this.refuse(`expected ${name} to be true or false, got ${show(value)}.`);
    return value;
  }

  /** Absent and null count as the first of `values`. */
  oneOf(name: string, values: readonly [string, ...string[]]): string {
    const value = this.json[name] ?? values[0];
    if (typeof value !== 'string' || !values.includes(value)) {
      return this.refuse(`expected ${name} "${values.join('" or "')}", got ${show(value)}, which is not implemented.`);
    }
    return value;
  }

  /** Fields that change the mathematics and are implemented for one value only; absent and null count as that value. */
  only(fields: Record<string, boolean | number | string | null>): void {
    for (const [name, wanted] of Object.entries(fields)) {
      const value = this.json[name] ?? wanted;
      if (value !== wanted) {
        this.refuse(`expected ${name} to be ${show(wanted)}, got ${show(value)}, which is not implemented.`);
      }
    }
  }

  /** `layer_types`, one word per layer; null where the file does not say. */
  layerTypes(layers: number): ('full_attention' | 'sliding_attention')[] | null {
    const types = this.json.layer_types;
    if (types == null) return null;
    const isKnown = (type: unknown) => type === 'full_attention' || type === 'sliding_attention';
    if (!Array.isArray(types) || types.length !== layers || !types.every(isKnown)) {
      return this.refuse(
        `expected layer_types to be ${layers} times "full_attention" or "sliding_attention", got ${show(types)}.`,
      );
    }
    return types;
  }
}

/** Sizes of a decoder as Llama's family writes them. */
export interface DecoderSizes {
  hidden: number;
  inner: number;
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  vocabulary: number;
  maxPositions: number;
  eps: number;
}

/** @param headDimDefault where the file is silent; absent = hidden / heads */
export function readSizes(
  read: ConfigReader,
  defaults: { headDim?: number; maxPositions?: number; eps?: number } = {},
): DecoderSizes {
  const hidden = read.integer('hidden_size', 1, 65536);
  const heads = read.integer('num_attention_heads', 1, 1024);
  const kvHeads = read.integer('num_key_value_heads', 1, heads, heads);
  if (heads % kvHeads)
    read.refuse(`expected num_attention_heads (${heads}) to be a multiple of num_key_value_heads (${kvHeads}).`);
  if (read.json.head_dim == null && defaults.headDim === undefined && hidden % heads)
    read.refuse(`expected hidden_size (${hidden}) to be a multiple of num_attention_heads (${heads}).`);
  const headDim = read.integer('head_dim', 2, 1024, defaults.headDim ?? hidden / heads);
  if (headDim % 2) read.refuse(`expected an even head_dim, got ${headDim}.`);
  return {
    hidden,
    heads,
    kvHeads,
    headDim,
    inner: read.integer('intermediate_size', 1, 1 << 20),
    layers: read.integer('num_hidden_layers', 1, 1024),
    vocabulary: read.integer('vocab_size', 2, 1 << 20),
    maxPositions: read.integer('max_position_embeddings', 1, 1 << 24, defaults.maxPositions ?? 2048),
    eps: read.positive('rms_norm_eps', defaults.eps ?? 1e-6),
  };
}
