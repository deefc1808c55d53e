// Gemma 3, text only (Gemma Team 2025, arXiv 2503.19786), as Gemma3ForCausalLM writes it.
// Peculiarities: embeddings times √hidden; RMSNorm by 1 + w, before and after attention and feed-forward, and over every head of queries
// and keys; most layers see a sliding window and turn with a base of their own, every sixth sees everything (linear factor); scores are
// scaled by query_pre_attn_scalar^-½, not by the head's width; GeGLU by tanh; the head is tied.
import { add, mul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { geglu } from '../ops/gelu/gelu';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { rotary } from '../ops/rotary/rotary';
import { type Config, ConfigReader, type DecoderSizes, readSizes } from './configReader';
import { type Block, decoder, llamaBlockShapes, llamaEnds } from './decoder';
import type { Architecture, Weights } from './model';
import { type Rope, readRope } from './rotaryFrequencies';

interface GemmaConfig {
  sizes: DecoderSizes;
  /** of layers that see everything, and of those with a window */
  ropes: [whole: Rope, local: Rope];
  /** by layer */
  isLocal: boolean[];
  window: number;
  tied: boolean;
  attentionScale: number;
  biases: string[];
}

function readGemmaConfig(json: Config): GemmaConfig {
  const read = new ConfigReader(json);
  read.oneOf('hidden_activation', ['gelu_pytorch_tanh', 'gelu_new']);
  read.only({ attn_logit_softcapping: null, final_logit_softcapping: null, use_bidirectional_attention: false });
  const sizes = readSizes(new ConfigReader({ num_key_value_heads: 4, ...json }), {
    headDim: 256,
    maxPositions: 131072,
  });
  const types = read.layerTypes(sizes.layers);
  const every = read.integer('sliding_window_pattern', 1, 1024, read.integer('_sliding_window_pattern', 1, 1024, 6));
  return {
    sizes,
    ropes: [
      readRope(read, { theta: 1e6, layerType: 'full_attention' }),
      readRope(read, {
        theta: 1e4,
        layerType: 'sliding_attention',
        thetaNames: ['rope_local_base_freq'],
        scaled: false,
      }),
    ],
    isLocal: Array.from({ length: sizes.layers }, (_, layer) =>
      types ? types[layer] === 'sliding_attention' : (layer + 1) % every !== 0,
    ),
    window: read.integer('sliding_window', 1, 1 << 24, 4096),
    tied: read.boolean('tie_word_embeddings', true),
    attentionScale: 1 / Math.sqrt(read.positive('query_pre_attn_scalar', 256)),
    biases: read.boolean('attention_bias', false) ? ['q', 'k', 'v', 'o'].map((name) => `self_attn.${name}_proj`) : [],
  };
}

/** RMSNorm by 1 + w. */
function norm<T extends Tensor>(weights: Weights, name: string, x: T, eps: number): T {
  return rmsNorm(x, add(weights.get(`${name}.weight`), 1), eps);
}

/** The same of every head by itself. @param x [N, heads·headDim] */
function headNorm(weights: Weights, name: string, x: Tensor2D, { headDim, eps }: DecoderSizes): Tensor2D {
  return reshape(norm(weights, name, reshape(x, [x.size / headDim, headDim]), eps), x.shape) as Tensor2D;
}

const gemmaBlock =
  ({ sizes, isLocal }: GemmaConfig): Block =>
  (layer, x, weights, [whole, local], input) => {
    const at = `model.layers.${layer}`;
    const { heads, kvHeads, eps } = sizes;
    const rope = isLocal[layer] ? local : whole;
    const turned = (name: string, h: Tensor2D, count: number) =>
      rotary(headNorm(weights, `${at}.self_attn.${name}`, h, sizes), input.positions, rope, count);

    const h = norm(weights, `${at}.input_layernorm`, x, eps);
    const [queries, keys, v] = weights.projectAll(
      ['q', 'k', 'v'].map((name) => `${at}.self_attn.${name}_proj`),
      h,
    );
    const [q, k] = [turned('q_norm', queries, heads), turned('k_norm', keys, kvHeads)];
    const attended = weights.project(`${at}.self_attn.o_proj`, input.attend(layer, q, k, v));
    const afterAttention = residual(x, norm(weights, `${at}.post_attention_layernorm`, attended, eps));

    const f = norm(weights, `${at}.pre_feedforward_layernorm`, afterAttention, eps);
    const [gate, up] = weights.projectAll([`${at}.mlp.gate_proj`, `${at}.mlp.up_proj`], f);
    const down = weights.project(`${at}.mlp.down_proj`, geglu(gate, up, 'tanh'));
    return residual(afterAttention, norm(weights, `${at}.post_feedforward_layernorm`, down, eps));
  };

function blockShapes({ sizes, biases }: GemmaConfig, layer: number): [string, number[]][] {
  const at = `model.layers.${layer}`;
  return [
    ...llamaBlockShapes(sizes, layer, biases),
    [`${at}.pre_feedforward_layernorm.weight`, [sizes.hidden]],
    [`${at}.post_feedforward_layernorm.weight`, [sizes.hidden]],
    [`${at}.self_attn.q_norm.weight`, [sizes.headDim]],
    [`${at}.self_attn.k_norm.weight`, [sizes.headDim]],
  ];
}

export function gemma3(json: Config): Architecture {
  const config = readGemmaConfig(json);
  const { sizes, isLocal, window, attentionScale } = config;
  const ends = llamaEnds(sizes, config.tied);
  return decoder({
    ...ends,
    sizes,
    ropes: config.ropes,
    window: (layer) => (isLocal[layer] ? window : null),
    attentionScale,
    block: gemmaBlock(config),
    inBlock: (layer) => blockShapes(config, layer),
    embed: (weights, input) => mul(ends.embed(weights, input), Math.sqrt(sizes.hidden)),
    lastNorm: (weights, x) => norm(weights, 'model.norm', x, sizes.eps),
  });
}
