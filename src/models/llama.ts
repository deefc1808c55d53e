// Llama (Touvron et al. 2023, arXiv 2302.13971; 3.1: arXiv 2407.21783), as LlamaForCausalLM writes it.
// Peculiarities: RMSNorm before attention and feed-forward, rotary positions over halves (Llama 3.1: long wavelengths stretched),
// grouped key/value heads, SwiGLU, biases only where the configuration asks for them.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { rotary } from '../ops/rotary/rotary';
import { swiglu } from '../ops/swiglu/swiglu';
import { type Config, ConfigReader, type DecoderSizes, readSizes } from './configReader';
import { type Block, decoder, llamaBlockShapes, llamaEnds } from './decoder';
import type { Architecture } from './model';
import { type Rope, readRope } from './rotaryFrequencies';

export interface LlamaConfig {
  sizes: DecoderSizes;
  rope: Rope;
  tied: boolean;
  attentionBias: boolean;
  mlpBias: boolean;
}

/** Reads and checks config.json. */
export function readLlamaConfig(json: Config): LlamaConfig {
  const read = new ConfigReader(json);
  read.oneOf('hidden_act', ['silu']);
  return {
    sizes: readSizes(read),
    rope: readRope(read, { theta: 10000 }),
    tied: read.boolean('tie_word_embeddings', false),
    attentionBias: read.boolean('attention_bias', false),
    mlpBias: read.boolean('mlp_bias', false),
  };
}

const llamaBlock =
  ({ heads, kvHeads, eps }: DecoderSizes): Block =>
  (layer, x, weights, [rope], input) => {
    const at = `model.layers.${layer}`;
    const norm = (name: string, h: Tensor2D) => rmsNorm(h, weights.get(`${at}.${name}.weight`) as Tensor1D, eps);

    const h = norm('input_layernorm', x);
    const [queries, keys, v] = weights.projectAll(
      [`${at}.self_attn.q_proj`, `${at}.self_attn.k_proj`, `${at}.self_attn.v_proj`],
      h,
    );
    const q = rotary(queries, input.positions, rope, heads);
    const k = rotary(keys, input.positions, rope, kvHeads);
    const afterAttention = residual(x, weights.project(`${at}.self_attn.o_proj`, input.attend(layer, q, k, v)));

    const f = norm('post_attention_layernorm', afterAttention);
    const [gate, up] = weights.projectAll([`${at}.mlp.gate_proj`, `${at}.mlp.up_proj`], f);
    return residual(afterAttention, weights.project(`${at}.mlp.down_proj`, swiglu(gate, up)));
  };

const ATTENTION = ['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}_proj`);
const FEED_FORWARD = ['gate', 'up', 'down'].map((name) => `mlp.${name}_proj`);

export function llama({ sizes, rope, tied, attentionBias, mlpBias }: LlamaConfig): Architecture {
  const biases = [...(attentionBias ? ATTENTION : []), ...(mlpBias ? FEED_FORWARD : [])];
  return decoder({
    sizes,
    ropes: [rope],
    block: llamaBlock(sizes),
    inBlock: (layer) => llamaBlockShapes(sizes, layer, biases),
    ...llamaEnds(sizes, tied),
  });
}
