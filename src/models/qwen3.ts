// Qwen3 (Yang et al. 2025, arXiv 2505.09388), as Qwen3ForCausalLM writes it.
// Peculiarities: Llama's block with an RMSNorm over every head of queries and keys, before the rotation; no biases unless
// attention_bias; heads of 128 unless head_dim says otherwise, whatever hidden / heads is.
import { reshape, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { rotary } from '../ops/rotary/rotary';
import { swiglu } from '../ops/swiglu/swiglu';
import { type Config, ConfigReader, type DecoderSizes, readSizes } from './configReader';
import { type Block, decoder, llamaBlockShapes, llamaEnds } from './decoder';
import type { Architecture, Weights } from './model';
import { qwenWindows } from './qwen2';
import { type Rope, readRope } from './rotaryFrequencies';

interface Qwen3Config {
  sizes: DecoderSizes;
  rope: Rope;
  tied: boolean;
  biases: string[];
  windows: (number | null)[];
}

function readQwen3Config(json: Config): Qwen3Config {
  const read = new ConfigReader(json);
  read.oneOf('hidden_act', ['silu']);
  const sizes = readSizes(read, { headDim: 128, maxPositions: 32768 });
  return {
    sizes,
    rope: readRope(read, { theta: 10000 }),
    tied: read.boolean('tie_word_embeddings', false),
    biases: read.boolean('attention_bias', false) ? ['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}_proj`) : [],
    windows: qwenWindows(read, sizes.layers),
  };
}

/** RMSNorm of every head by itself. @param x [N, heads·headDim] */
function headNorm(weights: Weights, name: string, x: Tensor2D, { headDim, eps }: DecoderSizes): Tensor2D {
  const heads = reshape(x, [x.size / headDim, headDim]) as Tensor2D;
  return reshape(rmsNorm(heads, weights.get(name) as Tensor1D, eps), x.shape) as Tensor2D;
}

const qwen3Block =
  (sizes: DecoderSizes): Block =>
  (layer, x, weights, [rope], input) => {
    const at = `model.layers.${layer}`;
    const norm = (name: string, h: Tensor2D) => rmsNorm(h, weights.get(`${at}.${name}.weight`) as Tensor1D, sizes.eps);
    const turned = (name: string, h: Tensor2D, heads: number) =>
      rotary(headNorm(weights, `${at}.self_attn.${name}.weight`, h, sizes), input.positions, rope, heads);

    const h = norm('input_layernorm', x);
    const [queries, keys, v] = weights.projectAll(
      [`${at}.self_attn.q_proj`, `${at}.self_attn.k_proj`, `${at}.self_attn.v_proj`],
      h,
    );
    const q = turned('q_norm', queries, sizes.heads);
    const k = turned('k_norm', keys, sizes.kvHeads);
    const afterAttention = residual(x, weights.project(`${at}.self_attn.o_proj`, input.attend(layer, q, k, v)));

    const f = norm('post_attention_layernorm', afterAttention);
    const [gate, up] = weights.projectAll([`${at}.mlp.gate_proj`, `${at}.mlp.up_proj`], f);
    return residual(afterAttention, weights.project(`${at}.mlp.down_proj`, swiglu(gate, up)));
  };

export function qwen3(json: Config): Architecture {
  const { sizes, rope, tied, biases, windows } = readQwen3Config(json);
  return decoder({
    sizes,
    ropes: [rope],
    window: (layer) => windows[layer],
    block: qwen3Block(sizes),
    inBlock: (layer) => [
      ...llamaBlockShapes(sizes, layer, biases),
      [`model.layers.${layer}.self_attn.q_norm.weight`, [sizes.headDim]],
      [`model.layers.${layer}.self_attn.k_norm.weight`, [sizes.headDim]],
    ],
    ...llamaEnds(sizes, tied),
  });
}
