// What all decoders have in common around their blocks: embedding first, blocks one after the other, a last norm, the head.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import type { RotaryTable } from '../ops/rotary/rotary';
import type { DecoderSizes } from './configReader';
import { type Architecture, type ForwardInput, runBlock, type Weights } from './model';
import { positionsOf, type Rope, rotaryValues } from './rotaryFrequencies';

/** One block: hidden states in, hidden states out. */
export type Block = (
  layer: number,
  x: Tensor2D,
  weights: Weights,
  rotary: readonly RotaryTable[],
  input: ForwardInput,
) => Tensor2D;

type Shapes = Iterable<readonly [name: string, shape: number[]]>;

interface Decoder {
  sizes: Omit<DecoderSizes, 'inner'>;
  ropes: Rope[];
  /** tensors before, in and after the blocks, in the checkpoint's order */
  before: Shapes;
  inBlock(layer: number): Shapes;
  after: Shapes;
  /** names of linear layers end so */
  projection: RegExp;
  /** module whose matrix makes the logits */
  head: string;
  block: Block;
  embed(weights: Weights, input: ForwardInput): Tensor2D;
  lastNorm(weights: Weights, x: Tensor2D): Tensor2D;
  window?(layer: number): number | null;
  attentionScale?: number;
  turned?: ReadonlySet<string>;
}

export function decoder(parts: Decoder): Architecture {
  const { sizes, ropes, head } = parts;
  const layers = Array.from({ length: sizes.layers }, (_, layer) => layer);
  const tensors = new Map<string, number[]>();
  for (const shapes of [parts.before, ...layers.map(parts.inBlock), parts.after]) {
    for (const [name, shape] of shapes) tensors.set(name, shape);
  }
  const positions = ropes.length > 0 ? positionsOf(sizes.maxPositions) : sizes.maxPositions;
  return {
    shape: {
      layers: sizes.layers,
      hidden: sizes.hidden,
      heads: sizes.heads,
      kvHeads: sizes.kvHeads,
      headDim: sizes.headDim,
      vocabulary: sizes.vocabulary,
      maxPositions: positions,
    },
    attentionScale: parts.attentionScale ?? 1 / Math.sqrt(sizes.headDim),
    window: parts.window ?? (() => null),
    tensors,
    turned: parts.turned ?? new Set(),
    projections: [...tensors.keys()].flatMap((name) =>
      name.endsWith('.weight') && parts.projection.test(name.slice(0, -7)) ? [name.slice(0, -7)] : [],
    ),
    rotaryTables: () => ropes.map((rope) => rotaryValues(rope, sizes.headDim, positions)),
    head: `${head}.weight`,
    hidden(weights, rotary, input) {
      let x = parts.embed(weights, input);
      for (const layer of layers) x = runBlock(input, x, (h) => parts.block(layer, h, weights, rotary, input));
      return parts.lastNorm(weights, x);
    },
    logits: (weights, hidden) => weights.project(head, hidden),
  };
}

/** Embedding, last norm and head under the names of Llama's family. @param tied logits are made with the embedding */
export function llamaEnds({ hidden, vocabulary, eps }: DecoderSizes, tied: boolean) {
  const lastShapes: [string, number[]][] = [['model.norm.weight', [hidden]]];
  if (!tied) lastShapes.push(['lm_head.weight', [vocabulary, hidden]]);
  return {
    before: [['model.embed_tokens.weight', [vocabulary, hidden]]] as [string, number[]][],
    after: lastShapes,
    projection: /_proj$/,
    head: tied ? 'model.embed_tokens' : 'lm_head',
    embed: (weights: Weights, input: ForwardInput) => weights.embed('model.embed_tokens', input.ids),
    lastNorm: (weights: Weights, x: Tensor2D) => rmsNorm(x, weights.get('model.norm.weight') as Tensor1D, eps),
  };
}

/** Names and shapes of one block of Llama's family. @param biases of the modules that have one */
export function llamaBlockShapes(
  { hidden, inner, heads, kvHeads, headDim }: DecoderSizes,
  layer: number,
  biases: readonly string[] = [],
): [string, number[]][] {
  const at = `model.layers.${layer}`;
  const [width, kvWidth] = [heads * headDim, kvHeads * headDim];
  const linear = (module: string, out: number, into: number): [string, number[]][] => [
    [`${at}.${module}.weight`, [out, into]],
    ...(biases.includes(module) ? ([[`${at}.${module}.bias`, [out]]] as [string, number[]][]) : []),
  ];
  return [
    [`${at}.input_layernorm.weight`, [hidden]],
    ...linear('self_attn.q_proj', width, hidden),
    ...linear('self_attn.k_proj', kvWidth, hidden),
    ...linear('self_attn.v_proj', kvWidth, hidden),
    ...linear('self_attn.o_proj', hidden, width),
    [`${at}.post_attention_layernorm.weight`, [hidden]],
    ...linear('mlp.gate_proj', inner, hidden),
    ...linear('mlp.up_proj', inner, hidden),
    ...linear('mlp.down_proj', hidden, inner),
  ];
}
