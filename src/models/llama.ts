// Llama (Touvron et al. 2023, arXiv 2302.13971), as LlamaForCausalLM writes it.
// Peculiarities: RMSNorm before attention and feed-forward, rotary positions over halves, grouped key/value heads, SwiGLU, no biases.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { type RotaryTable, rotary } from '../ops/rotary/rotary';
import { swiglu } from '../ops/swiglu/swiglu';
import { StudioError } from '../protocol/errors';
import { type Architecture, type ForwardInput, runBlock, type Weights } from './model';

export interface LlamaConfig {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  head_dim: number;
  vocab_size: number;
  max_position_embeddings: number;
  rms_norm_eps: number;
  rope_theta: number;
  tie_word_embeddings: boolean;
}

/** Reads and checks config.json. Anything that would change the mathematics and is not implemented is refused by name. */
export function readLlamaConfig(json: Record<string, unknown>): LlamaConfig {
  const refuse = (sentence: string): never => {
    throw new StudioError('model', `config.json: ${sentence}`);
  };
  const integer = (name: string, min: number, max: number, fallback?: number): number => {
    const value = json[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      return refuse(`expected ${name} to be a whole number from ${min} to ${max}, got ${JSON.stringify(value)}.`);
    }
    return value;
  };
  const rope = (json.rope_parameters ?? {}) as Record<string, unknown>;
  const positive = (name: string, value: unknown): number => {
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) {
      return refuse(`expected ${name} to be a number above 0, got ${JSON.stringify(value)}.`);
    }
    return value;
  };
  const scaling = (json.rope_scaling ?? null) as Record<string, unknown> | null;
  const ropeType = scaling?.rope_type ?? scaling?.type ?? rope.rope_type ?? 'default';
  if (ropeType !== 'default')
    refuse(`expected plain rotary positions, got rope type "${ropeType}", which is not implemented yet.`);
  if ((json.hidden_act ?? 'silu') !== 'silu')
    refuse(`expected hidden_act "silu", got ${JSON.stringify(json.hidden_act)}.`);
  for (const name of ['attention_bias', 'mlp_bias']) {
    if (json[name])
      refuse(`expected ${name} to be false, got ${JSON.stringify(json[name])}, which is not implemented yet.`);
  }
  const hidden = integer('hidden_size', 1, 65536);
  const heads = integer('num_attention_heads', 1, 1024);
  const kvHeads = integer('num_key_value_heads', 1, heads, heads);
  if (heads % kvHeads)
    refuse(`expected num_attention_heads (${heads}) to be a multiple of num_key_value_heads (${kvHeads}).`);
  if (json.head_dim == null && hidden % heads)
    refuse(`expected hidden_size (${hidden}) to be a multiple of num_attention_heads (${heads}).`);
  const headDim = integer('head_dim', 2, 1024, hidden / heads);
  if (headDim % 2) refuse(`expected an even head_dim, got ${headDim}.`);
  return {
    hidden_size: hidden,
    intermediate_size: integer('intermediate_size', 1, 1 << 20),
    num_hidden_layers: integer('num_hidden_layers', 1, 1024),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headDim,
    vocab_size: integer('vocab_size', 2, 1 << 20),
    max_position_embeddings: integer('max_position_embeddings', 1, 1 << 24, 2048),
    rms_norm_eps: positive('rms_norm_eps', json.rms_norm_eps ?? 1e-6),
    rope_theta: positive('rope_theta', json.rope_theta ?? rope.rope_theta ?? 10000),
    tie_word_embeddings: json.tie_word_embeddings === true,
  };
}

/** Rotary tables are built for at most this many positions; longer contexts are refused when they are asked for. */
const MAX_ROTARY_POSITIONS = 8192;

function block(
  weights: Weights,
  rope: RotaryTable,
  config: LlamaConfig,
  layer: number,
  x: Tensor2D,
  input: ForwardInput,
) {
  const at = `model.layers.${layer}`;
  const norm = (name: string, h: Tensor2D) =>
    rmsNorm(h, weights.get(`${at}.${name}.weight`) as Tensor1D, config.rms_norm_eps);

  const h = norm('input_layernorm', x);
  const [queries, keys, v] = weights.projectAll(
    ['q_proj', 'k_proj', 'v_proj'].map((name) => `${at}.self_attn.${name}`),
    h,
  );
  const q = rotary(queries, input.positions, rope, config.num_attention_heads);
  const k = rotary(keys, input.positions, rope, config.num_key_value_heads);
  const afterAttention = residual(x, weights.project(`${at}.self_attn.o_proj`, input.attend(layer, q, k, v)));

  const f = norm('post_attention_layernorm', afterAttention);
  const [gate, up] = weights.projectAll([`${at}.mlp.gate_proj`, `${at}.mlp.up_proj`], f);
  return residual(afterAttention, weights.project(`${at}.mlp.down_proj`, swiglu(gate, up)));
}

/** Names and shapes of the checkpoint, in Hugging Face's order. */
function tensorShapes(config: LlamaConfig): Map<string, number[]> {
  const { hidden_size: hidden, intermediate_size: inner, vocab_size: vocabulary } = config;
  const width = config.num_attention_heads * config.head_dim;
  const kvWidth = config.num_key_value_heads * config.head_dim;
  const shapes = new Map<string, number[]>([['model.embed_tokens.weight', [vocabulary, hidden]]]);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `model.layers.${layer}`;
    shapes.set(`${at}.input_layernorm.weight`, [hidden]);
    shapes.set(`${at}.self_attn.q_proj.weight`, [width, hidden]);
    shapes.set(`${at}.self_attn.k_proj.weight`, [kvWidth, hidden]);
    shapes.set(`${at}.self_attn.v_proj.weight`, [kvWidth, hidden]);
    shapes.set(`${at}.self_attn.o_proj.weight`, [hidden, width]);
    shapes.set(`${at}.post_attention_layernorm.weight`, [hidden]);
    shapes.set(`${at}.mlp.gate_proj.weight`, [inner, hidden]);
    shapes.set(`${at}.mlp.up_proj.weight`, [inner, hidden]);
    shapes.set(`${at}.mlp.down_proj.weight`, [hidden, inner]);
  }
  shapes.set('model.norm.weight', [hidden]);
  if (!config.tie_word_embeddings) shapes.set('lm_head.weight', [vocabulary, hidden]);
  return shapes;
}

export function llama(config: LlamaConfig): Architecture {
  const tensors = tensorShapes(config);
  const positions = Math.min(config.max_position_embeddings, MAX_ROTARY_POSITIONS);
  const head = config.tie_word_embeddings ? 'model.embed_tokens' : 'lm_head';
  return {
    head: `${head}.weight`,
    shape: {
      layers: config.num_hidden_layers,
      hidden: config.hidden_size,
      heads: config.num_attention_heads,
      kvHeads: config.num_key_value_heads,
      headDim: config.head_dim,
      vocabulary: config.vocab_size,
      maxPositions: positions,
    },
    tensors,
    projections: [...tensors.keys()].filter((name) => name.endsWith('_proj.weight')).map((name) => name.slice(0, -7)),
    rotaryTable() {
      const half = config.head_dim / 2;
      const cos = new Float32Array(positions * half);
      const sin = new Float32Array(positions * half);
      for (let p = 0; p < positions; p++) {
        for (let i = 0; i < half; i++) {
          const angle = p * config.rope_theta ** (-i / half);
          cos[p * half + i] = Math.cos(angle);
          sin[p * half + i] = Math.sin(angle);
        }
      }
      return { cos, sin, positions };
    },
    hidden(weights, rope, input) {
      let x = weights.embed('model.embed_tokens', input.ids);
      for (let layer = 0; layer < config.num_hidden_layers; layer++) {
        x = runBlock(input, x, (h) => block(weights, rope, config, layer, h, input));
      }
      return rmsNorm(x, weights.get('model.norm.weight') as Tensor1D, config.rms_norm_eps);
    },
    logits(weights, hidden) {
      return weights.project(head, hidden);
    },
  };
}
