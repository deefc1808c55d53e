// Text to token ids and back. What a tokenizer is made of lies in subword/; WordLevel, the bundled model's type, in wordLevel.ts.
import { isObject, refuseTokenizer } from './subword/readFields';
import { readSubwordTokenizer } from './subword/subwordTokenizer';
import { readWordLevel } from './wordLevel';

/** Tokens with the stretches of the text they stand for: token i is [starts[i], ends[i]), in UTF-16 units. */
export interface EncodedText {
  ids: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
}

export interface TextTokenizer {
  /** number of ids, added tokens included */
  readonly size: number;
  /** nothing is put round the text: chat templates write their begin token themselves */
  encode(text: string): Int32Array;
  encodeSpans(text: string): EncodedText;
  /** with the tokens that belong round a document (and between two) */
  encodeDocument(text: string, partner?: string): { ids: number[]; typeIds: number[] };
  /** special tokens are left out */
  decode(ids: ArrayLike<number>): string;
  /** special tokens too */
  decodeAll(ids: ArrayLike<number>): string;
  /** the text of one token as it stands in the vocabulary */
  tokenText(id: number): string;
  /** undefined when there is no such token */
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
}

/** @param json parsed tokenizer.json. @throws StudioError('model'), naming the field */
export function readTokenizer(json: unknown): TextTokenizer {
  if (!isObject(json) || !isObject(json.model)) refuseTokenizer('tokenizer.json', 'an object with a "model"', json);
  return json.model.type === 'WordLevel' ? readWordLevel(json) : readSubwordTokenizer(json);
}
