// Text to token ids and back. tokenizer.json is read by @huggingface/tokenizers where it knows the model type,
// by our own reader for WordLevel, which it does not know.
import { Tokenizer } from '@huggingface/tokenizers';
import { readWordLevel } from './wordLevel';

export interface TextTokenizer {
  /** number of ids, added tokens included */
  readonly size: number;
  encode(text: string): Int32Array;
  /** special tokens are left out */
  decode(ids: ArrayLike<number>): string;
  /** the text of one token as it stands in the vocabulary */
  tokenText(id: number): string;
  /** undefined when there is no such token */
  idOf(token: string): number | undefined;
}

export interface TokenizerJson {
  model: { type: string; vocab: Record<string, number>; unk_token?: string };
  added_tokens: { id: number; content: string; special: boolean }[];
  pre_tokenizer: { type: string } | null;
}

/** @param json parsed tokenizer.json @param config parsed tokenizer_config.json. Errors name the field. */
export function readTokenizer(json: unknown, config: unknown): TextTokenizer {
  const file = json as Partial<TokenizerJson> | null;
  if (!file || typeof file !== 'object' || !file.model || typeof file.model !== 'object') {
    throw new RangeError(
      'tokenizer.json: expected an object with a "model", got something else. Take it from the model’s folder.',
    );
  }
  if (file.model.type === 'WordLevel') return readWordLevel(file as TokenizerJson);
  return wrapHuggingFace(new Tokenizer(file, (config ?? {}) as object));
}

function wrapHuggingFace(inner: Tokenizer): TextTokenizer {
  return {
    size: inner.get_vocab().size,
    encode: (text) => Int32Array.from(inner.encode(text, { add_special_tokens: false }).ids),
    // decode([]) throws in 0.2.0
    decode: (ids) => (ids.length === 0 ? '' : inner.decode(Array.from(ids), { skip_special_tokens: true })),
    tokenText: (id) => inner.id_to_token(id) ?? '',
    idOf: (token) => inner.token_to_id(token),
  };
}
