// What a GGUF calls its tensors, and what Hugging Face calls the same: by architecture.
// Source: gguf-py's tensor_mapping.py (MIT), read for its facts.

/** Architectures of GGUF files we read (`general.architecture`). Mistral's files call themselves llama. */
export type GgufArchitecture = 'llama' | 'qwen2' | 'qwen3' | 'gemma3' | 'gpt2' | 'gptneox' | 'phi3';

/** Parts of `blk.N.` and of `model.layers.N.`, both without `.weight` or `.bias`. */
type Parts = Record<string, string>;

interface Names {
  /** before the layer's number */
  layer: string;
  parts: Parts;
  /** outside the layers */
  others: Parts;
}

const ATTENTION: Parts = {
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
};
const GATED: Parts = { ffn_gate: 'mlp.gate_proj', ffn_up: 'mlp.up_proj', ffn_down: 'mlp.down_proj' };
const OUTSIDE: Parts = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' };

const llama: Names = {
  layer: 'model.layers.',
  parts: { ...ATTENTION, ...GATED, attn_norm: 'input_layernorm', ffn_norm: 'post_attention_layernorm' },
  others: OUTSIDE,
};

const NAMES: Record<GgufArchitecture, Names> = {
  llama,
  qwen2: llama,
  qwen3: llama,
  gemma3: {
    layer: 'model.layers.',
    parts: {
      ...ATTENTION,
      ...GATED,
      attn_norm: 'input_layernorm',
      post_attention_norm: 'post_attention_layernorm',
      ffn_norm: 'pre_feedforward_layernorm',
      post_ffw_norm: 'post_feedforward_layernorm',
    },
    others: OUTSIDE,
  },
  phi3: {
    layer: 'model.layers.',
    parts: {
      attn_qkv: 'self_attn.qkv_proj',
      attn_output: 'self_attn.o_proj',
      attn_norm: 'input_layernorm',
      ffn_norm: 'post_attention_layernorm',
      ffn_up: 'mlp.gate_up_proj',
      ffn_down: 'mlp.down_proj',
    },
    others: OUTSIDE,
  },
  gpt2: {
    layer: 'transformer.h.',
    parts: {
      attn_norm: 'ln_1',
      attn_qkv: 'attn.c_attn',
      attn_output: 'attn.c_proj',
      ffn_norm: 'ln_2',
      ffn_up: 'mlp.c_fc',
      ffn_down: 'mlp.c_proj',
    },
    others: {
      token_embd: 'transformer.wte',
      position_embd: 'transformer.wpe',
      output_norm: 'transformer.ln_f',
      output: 'lm_head',
    },
  },
  gptneox: {
    layer: 'gpt_neox.layers.',
    parts: {
      attn_norm: 'input_layernorm',
      attn_qkv: 'attention.query_key_value',
      attn_output: 'attention.dense',
      ffn_norm: 'post_attention_layernorm',
      ffn_up: 'mlp.dense_h_to_4h',
      ffn_down: 'mlp.dense_4h_to_h',
    },
    others: { token_embd: 'gpt_neox.embed_in', output_norm: 'gpt_neox.final_layer_norm', output: 'embed_out' },
  },
};

export const isGgufArchitecture = (name: unknown): name is GgufArchitecture =>
  typeof name === 'string' && Object.hasOwn(NAMES, name);

export const ggufArchitectures = Object.keys(NAMES);

/** null: a tensor this architecture has no place for. */
export function huggingFaceName(architecture: GgufArchitecture, name: string): string | null {
  const { layer, parts, others } = NAMES[architecture];
  const [, number, part, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (!part) return null;
  const table = number === undefined ? others : parts;
  if (!Object.hasOwn(table, part)) return null;
  return `${number === undefined ? '' : `${layer}${Number(number)}.`}${table[part]}.${kind}`;
}

/** The other way round. null: the format has no place for it. */
export function ggufName(architecture: GgufArchitecture, name: string): string | null {
  const { layer, parts, others } = NAMES[architecture];
  const [, module, kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (!module) return null;
  const find = (table: Parts, wanted: string) => Object.keys(table).find((part) => table[part] === wanted);
  const number = module.startsWith(layer) ? /^\d+(?=\.)/.exec(module.slice(layer.length))?.[0] : undefined;
  const part =
    number === undefined ? find(others, module) : find(parts, module.slice(layer.length + number.length + 1));
  return part === undefined ? null : `${number === undefined ? '' : `blk.${number}.`}${part}.${kind}`;
}
