// GPT-2 (Radford et al. 2019), as GPT2LMHeadModel writes it.
// Peculiarities: learned positions added to the embeddings, LayerNorm with bias, one fused projection for queries, keys and values, GELU
// by its tanh form, biases everywhere, the head tied to the embedding. Linear layers are "Conv1D": their matrices lie [in, out] in
// checkpoints and are turned on loading. Original files leave out the "transformer." of every name.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { gelu } from '../ops/gelu/gelu';
import { layerNorm } from '../ops/layerNorm/layerNorm';
import { residual } from '../ops/residual/residual';
import { splitColumns } from '../ops/splitColumns/splitColumns';
import { type Config, ConfigReader, type DecoderSizes } from './configReader';
import { type Block, decoder } from './decoder';
import type { Architecture, Weights } from './model';

function readGpt2Config(json: Config): { sizes: DecoderSizes; tied: boolean } {
  const read = new ConfigReader(json);
  // Two names of the same function.
  read.oneOf('activation_function', ['gelu_new', 'gelu_pytorch_tanh']);
  read.only({ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false, add_cross_attention: false });
  const hidden = read.integer('n_embd', 1, 65536, 768);
  const heads = read.integer('n_head', 1, 1024, 12);
  if (hidden % heads) read.refuse(`expected n_embd (${hidden}) to be a multiple of n_head (${heads}).`);
  return {
    sizes: {
      hidden,
      heads,
      kvHeads: heads,
      headDim: hidden / heads,
      inner: read.integer('n_inner', 1, 1 << 20, 4 * hidden),
      layers: read.integer('n_layer', 1, 1024, 12),
      vocabulary: read.integer('vocab_size', 2, 1 << 20, 50257),
      maxPositions: read.integer('n_positions', 1, 1 << 24, 1024),
      eps: read.positive('layer_norm_epsilon', 1e-5),
    },
    tied: read.boolean('tie_word_embeddings', true),
  };
}

const norm = (weights: Weights, name: string, x: Tensor2D, eps: number) =>
  layerNorm(x, weights.get(`${name}.weight`) as Tensor1D, weights.get(`${name}.bias`) as Tensor1D, eps);

const gpt2Block =
  ({ hidden, eps }: DecoderSizes): Block =>
  (layer, x, weights, _, input) => {
    const at = `transformer.h.${layer}`;
    const fused = weights.project(`${at}.attn.c_attn`, norm(weights, `${at}.ln_1`, x, eps));
    const [q, k, v] = splitColumns(fused, [hidden, hidden, hidden]);
    const afterAttention = residual(x, weights.project(`${at}.attn.c_proj`, input.attend(layer, q, k, v)));

    const wide = weights.project(`${at}.mlp.c_fc`, norm(weights, `${at}.ln_2`, afterAttention, eps));
    return residual(afterAttention, weights.project(`${at}.mlp.c_proj`, gelu(wide, 'tanh')));
  };

/** Module, outputs, inputs. */
const linearLayers = ({ hidden, inner }: DecoderSizes): [string, number, number][] => [
  ['attn.c_attn', 3 * hidden, hidden],
  ['attn.c_proj', hidden, hidden],
  ['mlp.c_fc', inner, hidden],
  ['mlp.c_proj', hidden, inner],
];

function blockShapes(sizes: DecoderSizes, layer: number): [string, number[]][] {
  const at = `transformer.h.${layer}`;
  return [
    ...['ln_1', 'ln_2'].flatMap((name): [string, number[]][] => [
      [`${at}.${name}.weight`, [sizes.hidden]],
      [`${at}.${name}.bias`, [sizes.hidden]],
    ]),
    ...linearLayers(sizes).flatMap(([name, out, into]): [string, number[]][] => [
      [`${at}.${name}.weight`, [out, into]],
      [`${at}.${name}.bias`, [out]],
    ]),
  ];
}

export function gpt2(json: Config): Architecture {
  const { sizes, tied } = readGpt2Config(json);
  const { hidden, vocabulary, maxPositions, eps } = sizes;
  const layers = Array.from({ length: sizes.layers }, (_, layer) => `transformer.h.${layer}`);
  const lastShapes: [string, number[]][] = [
    ['transformer.ln_f.weight', [hidden]],
    ['transformer.ln_f.bias', [hidden]],
  ];
  if (!tied) lastShapes.push(['lm_head.weight', [vocabulary, hidden]]);
  return decoder({
    sizes,
    ropes: [],
    before: [
      ['transformer.wte.weight', [vocabulary, hidden]],
      ['transformer.wpe.weight', [maxPositions, hidden]],
    ],
    inBlock: (layer) => blockShapes(sizes, layer),
    after: lastShapes,
    projection: /\.c_(attn|proj|fc)$/,
    turned: new Set(layers.flatMap((at) => linearLayers(sizes).map(([name]) => `${at}.${name}.weight`))),
    head: tied ? 'transformer.wte' : 'lm_head',
    block: gpt2Block(sizes),
    embed: (weights, input) =>
      residual(weights.embed('transformer.wte', input.ids), weights.embed('transformer.wpe', input.positions)),
    lastNorm: (weights, x) => norm(weights, 'transformer.ln_f', x, eps),
  });
}
