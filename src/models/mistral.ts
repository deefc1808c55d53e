// Mistral 7B (Jiang et al. 2023, arXiv 2310.06825), as MistralForCausalLM writes it.
// Peculiarities: Llama's block without any bias; a query sees only the last `sliding_window` keys, itself included, in every layer;
// heads may be narrower than hidden / heads.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { rotary } from '../ops/rotary/rotary';
import { swiglu } from '../ops/swiglu/swiglu';
import { type Config, ConfigReader, type DecoderSizes, readSizes } from './configReader';
import { type Block, decoder, llamaBlockShapes, llamaEnds } from './decoder';
import type { Architecture } from './model';
import { type Rope, readRope } from './rotaryFrequencies';

interface MistralConfig {
  sizes: DecoderSizes;
  rope: Rope;
  tied: boolean;
  window: number | null;
}

function readMistralConfig(json: Config): MistralConfig {
  const read = new ConfigReader(json);
  read.oneOf('hidden_act', ['silu']);
  read.only({ layer_types: null });
  return {
    // Files that do not say have eight key/value heads, as the class of the original.
    sizes: readSizes(new ConfigReader({ num_key_value_heads: 8, ...json }), { maxPositions: 131072 }),
    rope: readRope(read, { theta: 10000 }),
    tied: read.boolean('tie_word_embeddings', false),
    // null switches the window off, silence means 4096
    window: json.sliding_window === null ? null : read.integer('sliding_window', 1, 1 << 24, 4096),
  };
}

const mistralBlock =
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

export function mistral(json: Config): Architecture {
  const { sizes, rope, tied, window } = readMistralConfig(json);
  return decoder({
    sizes,
    ropes: [rope],
    window: () => window,
    block: mistralBlock(sizes),
    inBlock: (layer) => llamaBlockShapes(sizes, layer),
    ...llamaEnds(sizes, tied),
  });
}
