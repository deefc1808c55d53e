// The configuration in Hugging Face's form, from a GGUF's metadata. What would change the maths and is not understood is refused.
import type { GgufArchitecture } from './ggufNames';
import type { GgufValue } from './modelDescription';
import { refuse } from './refuse';

type Config = Record<string, unknown>;

/** The metadata of one file, asked by key and kind. */
class Metadata {
  constructor(
    private readonly values: Map<string, GgufValue>,
    readonly architecture: GgufArchitecture,
    readonly where: string,
  ) {}

  private at(key: string): string {
    return `${this.architecture}.${key}`;
  }

  optional(key: string): number | null {
    const value = this.values.get(this.at(key));
    if (value === undefined) return null;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return refuse(
      this.where,
      `expected ${this.at(key)} to be one number, got ${described(value)}.`,
      'This kind of model is not read.',
    );
  }

  number(key: string): number {
    return this.optional(key) ?? refuse(this.where, `expected ${this.at(key)} in the metadata, there is none.`);
  }

  text(key: string): string | null {
    const value = this.values.get(this.at(key));
    return typeof value === 'string' ? value : null;
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.values.get(this.at(key));
    return typeof value === 'boolean' ? value : otherwise;
  }

  list(key: string): number[] | null {
    const value = this.values.get(this.at(key));
    if (typeof value !== 'object') return null;
    return Array.from<unknown>(value).map(Number);
  }

  /** Refuses a key whose presence (other than these values) changes the maths. */
  only(key: string, ...allowed: number[]): void {
    const value = this.optional(key);
    if (value !== null && !allowed.includes(value)) {
      const wanted = allowed.join(' or ') || 'nothing';
      refuse(this.where, `expected ${this.at(key)} to be ${wanted}, got ${value}.`, 'This kind of model is not read.');
    }
  }

  token(kind: string): number | null {
    const value = this.values.get(`tokenizer.ggml.${kind}_token_id`);
    return typeof value === 'number' ? value : null;
  }
}

const described = (value: GgufValue): string =>
  typeof value === 'object' ? `a list of ${value.length}` : JSON.stringify(value).slice(0, 80);

/** What the tensors say that the metadata does not. Names are those of the file. */
export interface GgufTensorFacts {
  vocabulary: number;
  has(name: string): boolean;
  /** `rope_freqs.weight`, `rope_factors_long.weight`, `rope_factors_short.weight` */
  factors: Map<string, number[]>;
}

/** @param where the file's name, for messages */
export function configOfGguf(
  values: Map<string, GgufValue>,
  architecture: GgufArchitecture,
  tensors: GgufTensorFacts,
  where: string,
): Config {
  const metadata = new Metadata(values, architecture, where);
  for (const key of ['expert_count', 'attention.max_alibi_bias', 'attention.clamp_kqv', 'attn_logit_softcapping']) {
    metadata.only(key, 0);
  }
  for (const key of ['logit_scale', 'residual_scale', 'embedding_scale']) metadata.only(key, 1);
  const common: Config = {
    vocab_size: tensors.vocabulary,
    tie_word_embeddings: !tensors.has('output.weight'),
    bos_token_id: metadata.token('bos'),
    eos_token_id: metadata.token('eos'),
    pad_token_id: metadata.token('padding'),
  };
  if (architecture === 'gpt2') return { ...gpt2(metadata), ...common };
  if (architecture === 'gptneox') return { ...gptNeox(metadata), ...common };
  return { ...rotaryModel(metadata, tensors), ...common };
}

/** Sizes every architecture but GPT-2 spells alike. */
function sizes(metadata: Metadata): Config & { headDim: number } {
  const hidden = metadata.number('embedding_length');
  const heads = metadata.number('attention.head_count');
  const headDim = metadata.optional('attention.key_length') ?? hidden / heads;
  metadata.only('attention.value_length', headDim);
  return {
    hidden_size: hidden,
    num_attention_heads: heads,
    num_hidden_layers: metadata.number('block_count'),
    intermediate_size: metadata.number('feed_forward_length'),
    max_position_embeddings: metadata.number('context_length'),
    headDim,
  };
}

function gpt2(metadata: Metadata): Config {
  return {
    model_type: 'gpt2',
    n_embd: metadata.number('embedding_length'),
    n_layer: metadata.number('block_count'),
    n_head: metadata.number('attention.head_count'),
    n_positions: metadata.number('context_length'),
    n_inner: metadata.number('feed_forward_length'),
    layer_norm_epsilon: metadata.number('attention.layer_norm_epsilon'),
    activation_function: 'gelu_new',
  };
}

function gptNeox(metadata: Metadata): Config {
  const { headDim, ...rest } = sizes(metadata);
  noScaling(metadata);
  return {
    model_type: 'gpt_neox',
    ...rest,
    layer_norm_eps: metadata.number('attention.layer_norm_epsilon'),
    rotary_pct: fraction(metadata.number('rope.dimension_count'), headDim),
    rotary_emb_base: metadata.optional('rope.freq_base') ?? 10_000,
    use_parallel_residual: metadata.flag('use_parallel_residual', true),
    attention_bias: true,
    hidden_act: 'gelu',
  };
}

/** count / whole so that int(whole · fraction) is count again, as Hugging Face computes it. */
const fraction = (count: number, whole: number): number =>
  Math.floor(whole * (count / whole)) === count ? count / whole : (count + 0.5) / whole;

function noScaling(metadata: Metadata): void {
  const type = metadata.text('rope.scaling.type') ?? 'none';
  if (type !== 'none') {
    refuse(metadata.where, `expected no rope scaling, got "${type}".`, 'This kind of model is not read.');
  }
}

/** `rope_scaling` of Hugging Face, or null. */
function ropeScaling(metadata: Metadata, { factors }: GgufTensorFacts): Config | null {
  const divisors = factors.get('rope_freqs.weight');
  if (divisors) {
    noScaling(metadata);
    return { rope_type: 'divisors', divisors };
  }
  const long = factors.get('rope_factors_long.weight');
  const short = factors.get('rope_factors_short.weight');
  if (long && short) {
    return {
      rope_type: 'longrope',
      long_factor: long,
      short_factor: short,
      attention_factor: metadata.optional('rope.scaling.attn_factor') ?? 1,
      original_max_position_embeddings: metadata.number('rope.scaling.original_context_length'),
    };
  }
  const type = metadata.text('rope.scaling.type') ?? (metadata.optional('rope.scaling.factor') ? 'linear' : 'none');
  if (type === 'none') return null;
  if (type === 'linear') return { rope_type: 'linear', factor: metadata.number('rope.scaling.factor') };
  return refuse(
    metadata.where,
    `expected rope scaling "none" or "linear", got "${type}".`,
    'This kind of model is not read.',
  );
}

/** llama, mistral, qwen2, qwen3, gemma3, phi3 */
function rotaryModel(metadata: Metadata, tensors: GgufTensorFacts): Config {
  const { architecture } = metadata;
  const { headDim, ...rest } = sizes(metadata);
  const rotated = metadata.optional('rope.dimension_count') ?? headDim;
  if (rotated !== headDim && architecture !== 'phi3') {
    refuse(
      metadata.where,
      `expected rope.dimension_count ${headDim}, the head's width, got ${rotated}.`,
      'This kind of model is not read.',
    );
  }
  // Files of models without a window have none, or 0.
  const window = metadata.optional('attention.sliding_window') || null;
  const config: Config = {
    model_type: architecture === 'llama' && window ? 'mistral' : architecture,
    ...rest,
    num_key_value_heads: metadata.optional('attention.head_count_kv') ?? metadata.number('attention.head_count'),
    head_dim: headDim,
    rms_norm_eps: metadata.number('attention.layer_norm_rms_epsilon'),
    rope_theta: metadata.optional('rope.freq_base') ?? 10_000,
    rope_scaling: ropeScaling(metadata, tensors),
    sliding_window: window,
  };
  if (architecture === 'gemma3') return { ...config, ...gemma3(metadata, headDim, window) };
  config.hidden_act = 'silu';
  if (architecture === 'qwen2') return { ...config, use_sliding_window: window !== null };
  if (architecture === 'qwen3') {
    return { ...config, use_sliding_window: window !== null, attention_bias: tensors.has('blk.0.attn_q.bias') };
  }
  if (architecture === 'phi3') return { ...config, partial_rotary_factor: fraction(rotated, headDim) };
  return { ...config, attention_bias: tensors.has('blk.0.attn_q.bias'), mlp_bias: tensors.has('blk.0.ffn_up.bias') };
}

/** llama.cpp fixes what the metadata leaves out: local theta 10,000, five local layers to a global one; the attention scale of the
 *  largest model (62 layers) is by hidden / heads, of all others by the head's width. */
function gemma3(metadata: Metadata, headDim: number, window: number | null): Config {
  const layers = metadata.number('block_count');
  const scale = metadata.optional('attention.scale');
  const byHead =
    layers === 62 ? metadata.number('embedding_length') / metadata.number('attention.head_count') : headDim;
  const local = metadata.list('attention.sliding_window_pattern');
  const pattern = local ? null : (metadata.optional('attention.sliding_window_pattern') ?? 6);
  // A file without a window is a model without local layers.
  const isGlobal = (layer: number) => !window || (local ? !local[layer] : (layer + 1) % (pattern ?? 6) === 0);
  return {
    model_type: 'gemma3_text',
    layer_types: Array.from({ length: Math.min(layers, 1000) }, (_, layer) =>
      isGlobal(layer) ? 'full_attention' : 'sliding_attention',
    ),
    rope_local_base_freq: metadata.optional('rope.freq_base_swa') ?? 10_000,
    rope_theta: metadata.optional('rope.freq_base') ?? 1_000_000,
    query_pre_attn_scalar: scale ? 1 / scale ** 2 : byHead,
    final_logit_softcapping: metadata.optional('final_logit_softcapping'),
    attn_logit_softcapping: null,
    hidden_activation: 'gelu_pytorch_tanh',
    attention_bias: false,
  };
}
