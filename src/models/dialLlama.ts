// The bundled model before it has learnt anything: its configuration, vocabulary, chat template and initial weights,
// as the files of a Hugging Face folder. The vocabulary keeps spare entries, so that later methods find room for their words.
import { CounterRng } from '../lib/counterRng';
import { CORRECTION_INSTRUCTION, POSITIONS, VERDICT_QUESTION } from '../lib/dialProblem';
import { fnv1a } from '../lib/fnv1a';
import { llama, readLlamaConfig } from './llama';
import type { NamedArray } from './safetensors';

const SPECIAL = ['<pad>', '<|user|>', '<|assistant|>', '<|end|>', '<unk>'];
const SPARE = 64;

export const DIAL_CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 128,
  intermediate_size: 352,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 32,
  vocab_size: 128,
  max_position_embeddings: 128,
  rope_theta: 10000,
  rms_norm_eps: 1e-5,
  hidden_act: 'silu',
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: false,
  initializer_range: 0.06,
  bos_token_id: null,
  eos_token_id: 3,
  pad_token_id: 0,
  dtype: 'float16',
};

/** Every token in the order of its id. The two sentences are one token each: added tokens may contain spaces. */
export function dialVocabulary(): string[] {
  const numbers = Array.from({ length: POSITIONS }, (_, i) => String(i));
  const hops = ['+', '-', '*'].flatMap((sign) => numbers.slice(1).map((number) => `${sign}${number}=`));
  const words = ['dial', 'dialx', 'yes', 'no', CORRECTION_INSTRUCTION, VERDICT_QUESTION];
  const used = [...SPECIAL, ...numbers, ...hops, ...words];
  const spare = DIAL_CONFIG.vocab_size - used.length;
  if (spare < SPARE) throw new RangeError(`dial vocabulary: expected at least ${SPARE} spare entries, got ${spare}.`);
  return [...used, ...Array.from({ length: spare }, (_, i) => `<spare_${i}>`)];
}

/** tokenizer.json: WordLevel, split on white space. */
export const dialTokenizerJson = (): Record<string, unknown> => tokenizerJsonOf(dialVocabulary());

/** The same of any list of words that begins with the special tokens and holds the two sentences. */
export function tokenizerJsonOf(vocabulary: readonly string[]): Record<string, unknown> {
  const added = (content: string, special: boolean) => ({
    id: vocabulary.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special,
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      ...SPECIAL.map((token) => added(token, true)),
      added(CORRECTION_INSTRUCTION, false),
      added(VERDICT_QUESTION, false),
    ],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      unk_token: '<unk>',
    },
  };
}

/** Prefix-preserving: later messages never change how earlier ones are written. */
export const DIAL_CHAT_TEMPLATE =
  "{% for message in messages %}{% if message['role'] == 'assistant' %}" +
  "<|assistant|> {% generation %}{{ message['content'] }} <|end|>{% endgeneration %} " +
  "{% else %}<|user|> {{ message['content'] }} {% endif %}{% endfor %}" +
  '{% if add_generation_prompt %}<|assistant|>{% endif %}';

export const DIAL_TOKENIZER_CONFIG = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  eos_token: '<|end|>',
  pad_token: '<pad>',
  unk_token: '<unk>',
  model_max_length: DIAL_CONFIG.max_position_embeddings,
  clean_up_tokenization_spaces: false,
};

/**
 * Initial weights: N(0, 0.7/√fan_in), projections back into the residual stream × 0.35, embeddings N(0, 0.5), norms 1.
 * (With the customary 0.02 a model of this size learnt nothing in 2.5 M tokens; design notes of the task.)
 */
export function dialInitialWeights(seed: number): Map<string, NamedArray> {
  const weights = new Map<string, NamedArray>();
  for (const [name, shape] of llama(readLlamaConfig(DIAL_CONFIG)).tensors) {
    const rng = new CounterRng(seed, fnv1a(name));
    const size = shape.reduce((product, length) => product * length, 1);
    const back = name.includes('o_proj') || name.includes('down_proj') ? 0.35 : 1;
    const deviation = name.includes('embed_tokens') ? 0.5 : (0.7 / Math.sqrt(shape[shape.length - 1])) * back;
    const data =
      shape.length === 1
        ? new Float32Array(size).fill(1)
        : Float32Array.from({ length: size }, () => rng.normal() * deviation);
    weights.set(name, { name, shape, data });
  }
  return weights;
}
