// WordLevel tokenizers split on white space: one id per word, added tokens (which may contain spaces) first.
import { StudioError } from '../protocol/errors';
import {
  type JsonObject,
  readFlag,
  readId,
  readList,
  readObject,
  readText,
  refuseTokenizer,
} from './subword/readFields';
import type { EncodedText, TextTokenizer } from './tokenizer';

interface WordList {
  ids: Map<string, number>;
  added: { id: number; content: string; special: boolean }[];
  unknown: number | undefined;
}

function readWords(json: JsonObject): WordList {
  const where = 'tokenizer.json, model';
  const model = readObject(json.model, where);
  const type = readObject(json.pre_tokenizer ?? { type: null }, 'tokenizer.json, pre_tokenizer').type;
  if (type !== 'WhitespaceSplit')
    refuseTokenizer('tokenizer.json, pre_tokenizer', 'WhitespaceSplit for WordLevel', type);
  const ids = new Map<string, number>();
  for (const [text, id] of Object.entries(readObject(model.vocab, `${where}.vocab`))) {
    ids.set(text, readId(id, `${where}.vocab["${text}"]`));
  }
  const added = readList(json.added_tokens ?? [], 'tokenizer.json, added_tokens').map((entry, i) => {
    const token = readObject(entry, `tokenizer.json, added_tokens[${i}]`);
    const content = readText(token.content, `tokenizer.json, added_tokens[${i}].content`);
    if (content === '') refuseTokenizer(`tokenizer.json, added_tokens[${i}].content`, 'a text', content);
    return {
      id: readId(token.id, `tokenizer.json, added_tokens[${i}].id`),
      content,
      special: readFlag(token.special, `tokenizer.json, added_tokens[${i}].special`),
    };
  });
  for (const { content, id } of added) ids.set(content, id);
  const unknown =
    model.unk_token === undefined || model.unk_token === null
      ? undefined
      : readText(model.unk_token, `${where}.unk_token`);
  return { ids, added, unknown: unknown === undefined ? undefined : ids.get(unknown) };
}

/** Reads a tokenizer.json of model type WordLevel with the WhitespaceSplit pre-tokenizer. */
export function readWordLevel(json: JsonObject): TextTokenizer {
  const { ids, added, unknown } = readWords(json);
  const texts = new Map<number, string>();
  for (const [text, id] of ids) {
    if (texts.has(id)) {
      refuseTokenizer('tokenizer.json', 'a different id for every token', `${id} for ${text}`);
    }
    texts.set(id, text);
  }
  const special = new Set(added.filter((token) => token.special).map((token) => token.id));
  // Longest first, as added tokens may be prefixes of one another.
  const contents = added.map((token) => token.content).sort((a, b) => b.length - a.length);
  const splitter = contents.length > 0 ? new RegExp(`(${contents.map(escapeRegExp).join('|')})`) : null;
  const decodeAll = (list: ArrayLike<number>) =>
    Array.from(list)
      .map((id) => texts.get(id) ?? '')
      .join(' ');

  function encodeSpans(text: string): EncodedText {
    const out: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    const add = (word: string, start: number) => {
      const id = ids.get(word) ?? unknown;
      if (id === undefined)
        throw new StudioError('input', `tokenizer: expected a known word, got "${word}", and there is no unk_token.`);
      out.push(id);
      starts.push(start);
      ends.push(start + word.length);
    };
    for (const part of splitter ? text.split(splitter) : [text]) {
      if (ids.has(part)) add(part, at);
      else for (const { 0: word, index } of part.matchAll(/\S+/g)) add(word, at + index);
      at += part.length;
    }
    return { ids: Int32Array.from(out), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
  }

  return {
    size: [...texts.keys()].reduce((size, id) => Math.max(size, id + 1), 0),
    encode: (text) => encodeSpans(text).ids,
    encodeSpans,
    encodeDocument(text, partner) {
      const first = Array.from(encodeSpans(text).ids);
      const second = partner === undefined ? [] : Array.from(encodeSpans(partner).ids);
      return { ids: [...first, ...second], typeIds: [...first.map(() => 0), ...second.map(() => 1)] };
    },
    decode: (list) => decodeAll(Array.from(list).filter((id) => !special.has(id))),
    decodeAll,
    tokenText: (id) => texts.get(id) ?? '',
    idOf: (token) => ids.get(token),
    isSpecial: (id) => special.has(id),
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
