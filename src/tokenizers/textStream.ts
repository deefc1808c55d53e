// Text as it is written, token by token. A character of several tokens appears when it is whole, never as half a character.
import { byteOfToken } from './subword/decoders';
import type { TextTokenizer } from './tokenizer';

export interface TextStream {
  /** @returns what can be shown now, '' while a character is not finished */
  push(id: number): string;
  /** What is left at the end; bytes that never became a character are U+FFFD. */
  finish(): string;
}

/** Joined, everything pushed and finished is `tokenizer.decode` of all ids. */
export function createTextStream(tokenizer: Pick<TextTokenizer, 'decode' | 'tokenText'>): TextStream {
  // Decoders look at a token's neighbours (leading blanks, runs of bytes): new text is what the last shown tokens and the new ones
  // have more than the last shown tokens alone.
  let context: number[] = [];
  let pending: number[] = [];

  function settle(ended: boolean): string {
    const before = tokenizer.decode(context).length;
    const after = tokenizer.decode([...context, ...pending]);
    if (after.length <= before || (!ended && after.endsWith('\ufffd'))) return '';
    context = pending;
    pending = [];
    return after.slice(before);
  }

  return {
    push(id) {
      pending.push(id);
      // A run of byte tokens is decoded as a whole: one byte more may break what looked like a character.
      return byteOfToken(tokenizer.tokenText(id)) === null ? settle(false) : '';
    },
    finish() {
      const rest = settle(true);
      context = [];
      pending = [];
      return rest;
    },
  };
}
