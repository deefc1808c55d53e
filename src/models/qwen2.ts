// Qwen2 and 2.5 (Yang et al. 2024, arXiv 2407.10671), as Qwen2ForCausalLM writes it.
// Peculiarities: Llama's block with biases on queries, keys and values only; from layer `max_window_layers` on a sliding window,
// if use_sliding_window says so (the published models do not).
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { residual } from '../ops/residual/residual';
import { rmsNorm } from '../ops/rmsNorm/rmsNorm';
import { rotary } from '../ops/rotary/rotary';
import { swiglu } from '../ops/swiglu/swiglu';
import { type Config, ConfigReader, type DecoderSizes, readSizes } from './configReader';
import { type Block, decoder, llamaBlockShapes, llamaEnds } from './decoder';
import type { Architecture } from './model';
import { type Rope, readRope } from './rotaryFrequencies';

interface QwenConfig {
  sizes: DecoderSizes;
  rope: Rope;
  tied: boolean;
  /** per layer */
  windows: (number | null)[];
}

/** Windows of Qwen 2 and 3 by layer. */
export function qwenWindows(read: ConfigReader, layers: number): (number | null)[] {
  const slides = read.boolean('use_sliding_window', false) && read.json.sliding_window !== null;
  const window = slides ? read.integer('sliding_window', 1, 1 << 24, 4096) : null;
  const first = read.integer('max_window_layers', 0, 1 << 16, 28);
  const types = read.layerTypes(layers);
  return Array.from({ length: layers }, (_, layer) => {
    const isSliding = types ? types[layer] === 'sliding_attention' : layer >= first;
    if (types && isSliding && window === null)
      read.refuse('expected use_sliding_window and sliding_window where layer_types says "sliding_attention".');
    return isSliding ? window : null;
  });
}

function readQwen2Config(json: Config): QwenConfig {
  const read = new ConfigReader(json);
  read.oneOf('hidden_act', ['silu']);
  const sizes = readSizes(read, { maxPositions: 32768 });
  return {
    sizes,
    rope: readRope(read, { theta: 10000 }),
    tied: read.boolean('tie_word_embeddings', false),
    windows: qwenWindows(read, sizes.layers),
  };
}

const qwen2Block =
  ({ heads, kvHeads, eps }: DecoderSizes): Block =>
  (layer, x, weights, [rope], input) => {
    const at = `model.layers.${layer}`;
    const norm = (name: string, h: Tensor2D) => rmsNorm(h, weights.get(`${at}.${name}.weight`) as Tensor1D, eps);

    // The projections add their biases.
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

const BIASES = ['q', 'k', 'v'].map((name) => `self_attn.${name}_proj`);

export function qwen2(json: Config): Architecture {
  const { sizes, rope, tied, windows } = readQwen2Config(json);
  return decoder({
    sizes,
    ropes: [rope],
    window: (layer) => windows[layer],
    block: qwen2Block(sizes),
    inBlock: (layer) => llamaBlockShapes(sizes, layer, BIASES),
    ...llamaEnds(sizes, tied),
  });
}
