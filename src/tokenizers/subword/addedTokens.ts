// Added tokens are found before anything else: in the text as it is, or, if they are `normalized`, in the normalised text.
// Blanks beside a token may be swallowed with it (lstrip, rstrip); `single_word` needs no word on either side.
import { type JsonObject, readFlag, readId, readList, readObject, readText, refuseTokenizer } from './readFields';

interface AddedToken {
  id: number;
  content: string;
  singleWord: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

export function readAddedTokens(json: unknown): AddedToken[] {
  return readList(json ?? [], 'tokenizer.json, added_tokens').map((entry, i) => {
    const where = `tokenizer.json, added_tokens[${i}]`;
    const fields: JsonObject = readObject(entry, where);
    const special = readFlag(fields.special, `${where}.special`);
    const content = readText(fields.content, `${where}.content`);
    if (content === '') refuseTokenizer(`${where}.content`, 'a text', content);
    return {
      id: readId(fields.id, `${where}.id`),
      content,
      singleWord: readFlag(fields.single_word, `${where}.single_word`),
      lstrip: readFlag(fields.lstrip, `${where}.lstrip`),
      rstrip: readFlag(fields.rstrip, `${where}.rstrip`),
      normalized: readFlag(fields.normalized, `${where}.normalized`, !special),
      special,
    };
  });
}

/** [from, to) of a text: an added token, or text between them (id null). */
export interface Stretch {
  from: number;
  to: number;
  id: number | null;
}

const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const BLANK = /\p{White_Space}/u;

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
/** The whole character that ends before `at`, which may be a pair. */
const characterBefore = (text: string, at: number) =>
  /[\udc00-\udfff]/.test(text[at - 1]) && at > 1 ? text.slice(at - 2, at) : text[at - 1];

/** @param spelling how a token is spelled in the texts that will be searched */
export function findAddedTokens(
  tokens: readonly AddedToken[],
  spelling: (content: string) => string,
): (text: string) => Stretch[] {
  const bySpelling = new Map(
    tokens.map((token) => [spelling(token.content), token] as const).filter(([text]) => text !== ''),
  );
  if (bySpelling.size === 0) return (text) => (text === '' ? [] : [{ from: 0, to: text.length, id: null }]);
  // Longest first: the leftmost longest token wins. The look-ahead spares a text without their first letters the long list.
  const spellings = [...bySpelling.keys()].sort((a, b) => b.length - a.length);
  const firsts = [...new Set(spellings.map((text) => text[0]))].map(escapeRegExp).join('|');
  const pattern = new RegExp(`(?=${firsts})(?:${spellings.map(escapeRegExp).join('|')})`, 'g');

  return (text) => {
    const stretches: Stretch[] = [];
    let done = 0;
    for (const { 0: found, index } of text.matchAll(pattern)) {
      const token = bySpelling.get(found) as AddedToken;
      let from = index;
      let to = index + found.length;
      if (token.singleWord) {
        const before = from > 0 && WORD.test(characterBefore(text, from));
        const after = to < text.length && WORD.test(String.fromCodePoint(text.codePointAt(to) as number));
        if (before || after) continue;
      }
      if (token.lstrip) while (from > done && BLANK.test(text[from - 1])) from--;
      if (token.rstrip) while (to < text.length && BLANK.test(text[to])) to++;
      if (from > done) stretches.push({ from: done, to: from, id: null });
      stretches.push({ from: Math.max(from, done), to, id: token.id });
      done = to;
    }
    if (done < text.length) stretches.push({ from: done, to: text.length, id: null });
    return stretches;
  };
}
