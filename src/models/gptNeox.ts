// GPT-NeoX and Pythia (Black et al. 2022, arXiv 2204.06745; Biderman et al. 2023, arXiv 2304.01373), as GPTNeoXForCausalLM writes them.
// Peculiarities: LayerNorm with bias, attention and feed-forward side by side on the same x (or one after the other), only the first part
// of every head rotated, one projection fused head by head ([head][q, k, v]), exact GELU, biases, a head of its own.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { gelu } from '../ops/gelu/gelu';
import { layerNorm } from '../ops/layerNorm/layerNorm';
import { residual } from '../ops/residual/residual';
import { rotary } from '../ops/rotary/rotary';
import { splitColumns } from '../ops/splitColumns/splitColumns';
import { type Config, ConfigReader, type DecoderSizes } from './configReader';
import { type Block, decoder } from './decoder';
import type { Architecture, Weights } from './model';
import { type Rope, readRope } from './rotaryFrequencies';

interface NeoxConfig {
  sizes: DecoderSizes;
  rope: Rope;
  tied: boolean;
  isParallel: boolean;
  attentionBias: boolean;
}

function readNeoxConfig(json: Config): NeoxConfig {
  const read = new ConfigReader(json);
  read.oneOf('hidden_act', ['gelu']);
  const hidden = read.integer('hidden_size', 1, 65536);
  const heads = read.integer('num_attention_heads', 1, 1024);
  if (hidden % heads)
    read.refuse(`expected hidden_size (${hidden}) to be a multiple of num_attention_heads (${heads}).`);
  return {
    sizes: {
      hidden,
      heads,
      kvHeads: heads,
      headDim: hidden / heads,
      inner: read.integer('intermediate_size', 1, 1 << 20),
      layers: read.integer('num_hidden_layers', 1, 1024),
      vocabulary: read.integer('vocab_size', 2, 1 << 20),
      maxPositions: read.integer('max_position_embeddings', 1, 1 << 24, 2048),
      eps: read.positive('layer_norm_eps', 1e-5),
    },
    rope: readRope(read, {
      theta: 10000,
      partial: 0.25,
      thetaNames: ['rotary_emb_base', 'rope_theta'],
      partialNames: ['rotary_pct', 'partial_rotary_factor'],
    }),
    tied: read.boolean('tie_word_embeddings', false),
    isParallel: read.boolean('use_parallel_residual', true),
    attentionBias: read.boolean('attention_bias', true),
  };
}

const norm = (weights: Weights, name: string, x: Tensor2D, eps: number) =>
  layerNorm(x, weights.get(`${name}.weight`) as Tensor1D, weights.get(`${name}.bias`) as Tensor1D, eps);

const neoxBlock =
  ({ sizes: { heads, headDim, eps }, isParallel }: NeoxConfig): Block =>
  (layer, x, weights, [rope], input) => {
    const at = `gpt_neox.layers.${layer}`;
    const fused = weights.project(`${at}.attention.query_key_value`, norm(weights, `${at}.input_layernorm`, x, eps));
    const [queries, keys, v] = splitColumns(fused, [headDim, headDim, headDim], heads);
    const q = rotary(queries, input.positions, rope, heads);
    const k = rotary(keys, input.positions, rope, heads);
    const attended = weights.project(`${at}.attention.dense`, input.attend(layer, q, k, v));
    const afterAttention = residual(x, attended);

    const read = isParallel ? x : afterAttention;
    const wide = weights.project(`${at}.mlp.dense_h_to_4h`, norm(weights, `${at}.post_attention_layernorm`, read, eps));
    return residual(afterAttention, weights.project(`${at}.mlp.dense_4h_to_h`, gelu(wide, 'erf')));
  };

function blockShapes({ sizes: { hidden, inner }, attentionBias }: NeoxConfig, layer: number): [string, number[]][] {
  const at = `gpt_neox.layers.${layer}`;
  const withBias = (name: string, shape: number[]): [string, number[]][] => [
    [`${at}.${name}.weight`, shape],
    [`${at}.${name}.bias`, [shape[0]]],
  ];
  const inAttention = (name: string, shape: number[]) => withBias(name, shape).slice(0, attentionBias ? 2 : 1);
  return [
    ...withBias('input_layernorm', [hidden]),
    ...withBias('post_attention_layernorm', [hidden]),
    ...inAttention('attention.query_key_value', [3 * hidden, hidden]),
    ...inAttention('attention.dense', [hidden, hidden]),
    ...withBias('mlp.dense_h_to_4h', [inner, hidden]),
    ...withBias('mlp.dense_4h_to_h', [hidden, inner]),
  ];
}

export function gptNeox(json: Config): Architecture {
  const config = readNeoxConfig(json);
  const { hidden, vocabulary, eps } = config.sizes;
  const lastShapes: [string, number[]][] = [
    ['gpt_neox.final_layer_norm.weight', [hidden]],
    ['gpt_neox.final_layer_norm.bias', [hidden]],
  ];
  if (!config.tied) lastShapes.push(['embed_out.weight', [vocabulary, hidden]]);
  return decoder({
    sizes: config.sizes,
    ropes: [config.rope],
    before: [['gpt_neox.embed_in.weight', [vocabulary, hidden]]],
    inBlock: (layer) => blockShapes(config, layer),
    after: lastShapes,
    projection: /\.(query_key_value|dense|dense_h_to_4h|dense_4h_to_h)$/,
    head: config.tied ? 'gpt_neox.embed_in' : 'embed_out',
    block: neoxBlock(config),
    embed: (weights, input) => weights.embed('gpt_neox.embed_in', input.ids),
    lastNorm: (weights, x) => norm(weights, 'gpt_neox.final_layer_norm', x, eps),
  });
}
