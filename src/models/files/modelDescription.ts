// A model as its files describe it, whatever their format: what an architecture, a tokenizer and a chat template are made of.
import type { TensorSource } from './tensorSource';

/** The tokenizer as the files hold it: tokenizer.json with tokenizer_config.json, or a GGUF's metadata. */
export type TokenizerFiles =
  | { kind: 'json'; json: Record<string, unknown>; config: Record<string, unknown> }
  | { kind: 'gguf'; metadata: Map<string, GgufValue> };

/** A value of GGUF metadata. Arrays of numbers may be typed arrays; 64-bit integers are numbers (refused beyond 2^53). */
export type GgufValue = number | boolean | string | string[] | ArrayLike<number>;

/** Tensors have their Hugging Face names, shapes and rows, also when they come from a GGUF (renamed, rows of q and k un-permuted,
 *  Gemma's norms without the 1, GPT-2's Conv1D as [in, out]). */
export interface ModelDescription {
  /** In the form of Hugging Face's config.json. From a GGUF whose rotary frequencies are divided by `rope_freqs.weight`:
   *  `rope_scaling: { rope_type: 'divisors', divisors: number[] }`, one per frequency. */
  config: Record<string, unknown>;
  tensors: TensorSource;
  /** null where the files have none: such a model reads and writes ids */
  tokenizer: TokenizerFiles | null;
  chatTemplate: string | null;
}
