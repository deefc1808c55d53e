// WordLevel tokenizers split on white space: one id per word, added tokens (which may contain spaces) first.
import type { TextTokenizer, TokenizerJson } from './tokenizer';

/** Reads a tokenizer.json of model type WordLevel with the WhitespaceSplit pre-tokenizer. */
export function readWordLevel(json: TokenizerJson): TextTokenizer {
  if (json.pre_tokenizer?.type !== 'WhitespaceSplit') {
    throw new RangeError(
      `tokenizer.json: expected pre_tokenizer WhitespaceSplit for a WordLevel model, got ${json.pre_tokenizer?.type ?? 'none'}.`,
    );
  }
  const ids = new Map(Object.entries(json.model.vocab));
  for (const added of json.added_tokens) ids.set(added.content, added.id);
  const texts: string[] = [];
  for (const [text, id] of ids) {
    if (!Number.isInteger(id) || id < 0 || texts[id] !== undefined) {
      throw new RangeError(`tokenizer.json: expected a different id ≥ 0 for every token, got ${id} for "${text}".`);
    }
    texts[id] = text;
  }
  const special = new Set(json.added_tokens.filter((token) => token.special).map((token) => token.id));
  const unknown = json.model.unk_token === undefined ? undefined : ids.get(json.model.unk_token);
  // Longest first, as added tokens may be prefixes of one another.
  const added = json.added_tokens.map((token) => token.content).sort((a, b) => b.length - a.length);
  const splitter = added.length > 0 ? new RegExp(`(${added.map(escapeRegExp).join('|')})`) : null;

  return {
    size: texts.length,
    encode: (text) => {
      const out: number[] = [];
      for (const part of splitter ? text.split(splitter) : [text]) {
        const words = ids.has(part) ? [part] : part.split(/\s+/).filter((word) => word !== '');
        for (const word of words) {
          const id = ids.get(word) ?? unknown;
          if (id === undefined)
            throw new RangeError(`tokenizer: expected a known word, got "${word}", and there is no unk_token.`);
          out.push(id);
        }
      }
      return Int32Array.from(out);
    },
    decode: (list) =>
      Array.from(list)
        .filter((id) => !special.has(id))
        .map((id) => texts[id] ?? '')
        .join(' '),
    tokenText: (id) => texts[id] ?? '',
    idOf: (token) => ids.get(token),
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
