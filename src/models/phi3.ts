// Phi-3 (Abdin et al. 2024, arXiv 2404.14219), as Phi3ForCausalLM writes it.
// Peculiarities: Llama's block with fused projections, q then k then v in one matrix, gate then up in another; perhaps only a part of a
// head rotated, perhaps a sliding window. The long-context variants (rope type "longrope") are refused.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { rotary } from '../ops/rotary/rotary';
import { splitColumns } from '../ops/splitColumns/splitColumns';
import { swiglu } from '../ops/swiglu/swiglu';
import { type Config, ConfigReader, type DecoderSizes, readSizes } from './configReader';
import { type Block, decoder, llamaEnds } from './decoder';
import type { Architecture } from './model';
import { type Rope, readRope } from './rotaryFrequencies';

interface Phi3Config {
  sizes: DecoderSizes;
  rope: Rope;
  tied: boolean;
  window: number | null;
}

function readPhi3Config(json: Config): Phi3Config {
  const read = new ConfigReader(json);
  read.oneOf('hidden_act', ['silu']);
  return {
    sizes: readSizes(read, { maxPositions: 4096, eps: 1e-5 }),
    rope: readRope(read, { theta: 10000 }),
    tied: read.boolean('tie_word_embeddings', false),
    window: json.sliding_window == null ? null : read.integer('sliding_window', 1, 1 << 24),
  };
}

const phi3Block =
  ({ heads, kvHeads, headDim, inner, eps }: DecoderSizes): Block =>
  (layer, x, weights, [rope], input) => {
    const at = `model.layers.${layer}`;
    const norm = (name: string, h: Tensor2D) => rmsNorm(h, weights.get(`${at}.${name}.weight`) as Tensor1D, eps);
    const [width, kvWidth] = [heads * headDim, kvHeads * headDim];

    const fused = weights.project(`${at}.self_attn.qkv_proj`, norm('input_layernorm', x));
    const [queries, keys, v] = splitColumns(fused, [width, kvWidth, kvWidth]);
    const q = rotary(queries, input.positions, rope, heads);
    const k = rotary(keys, input.positions, rope, kvHeads);
    const afterAttention = residual(x, weights.project(`${at}.self_attn.o_proj`, input.attend(layer, q, k, v)));

    const both = weights.project(`${at}.mlp.gate_up_proj`, norm('post_attention_layernorm', afterAttention));
    const [gate, up] = splitColumns(both, [inner, inner]);
    return residual(afterAttention, weights.project(`${at}.mlp.down_proj`, swiglu(gate, up)));
  };

function blockShapes({ hidden, inner, heads, kvHeads, headDim }: DecoderSizes, layer: number): [string, number[]][] {
  const at = `model.layers.${layer}`;
  return [
    [`${at}.input_layernorm.weight`, [hidden]],
    [`${at}.self_attn.qkv_proj.weight`, [(heads + 2 * kvHeads) * headDim, hidden]],
    [`${at}.self_attn.o_proj.weight`, [hidden, heads * headDim]],
    [`${at}.post_attention_layernorm.weight`, [hidden]],
    [`${at}.mlp.gate_up_proj.weight`, [2 * inner, hidden]],
    [`${at}.mlp.down_proj.weight`, [hidden, inner]],
  ];
}

export function phi3(json: Config): Architecture {
  const { sizes, rope, tied, window } = readPhi3Config(json);
  return decoder({
    sizes,
    ropes: [rope],
    window: () => window,
    block: phi3Block(sizes),
    inBlock: (layer) => blockShapes(sizes, layer),
    ...llamaEnds(sizes, tied),
  });
}
