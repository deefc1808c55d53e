// A tokenizer of subwords: added tokens are found, the text between them is normalised, cut into pieces, and every piece into tokens.
import type { EncodedText, TextTokenizer } from '../tokenizer';
import { findAddedTokens, readAddedTokens } from './addedTokens';
import type { AlignedText } from './alignedText';
import { toByteLetters } from './byteLetters';
import type { PieceTokens } from './bytePairs';
import { readDecoder } from './decoders';
import { readNormalizer } from './normalizers';
import { readPostProcessor } from './postProcessors';
import { type Piece, readPreTokenizer } from './preTokenizers';
import { readObject, refuseTokenizer } from './readFields';
import { readSubwordModel } from './subwordModels';

/** Pieces come again and again; longer ones hardly do. */
const CACHED_PIECES = 20_000;
const CACHED_LENGTH = 64;

/** Grows as tokens come. */
class TokenList {
  ids: number[] = [];
  starts: number[] = [];
  ends: number[] = [];

  add(id: number, start: number, end: number): void {
    this.ids.push(id);
    this.starts.push(start);
    this.ends.push(end);
  }

  freeze(): EncodedText {
    return { ids: Int32Array.from(this.ids), starts: Int32Array.from(this.starts), ends: Int32Array.from(this.ends) };
  }
}

/** Tokens of a piece with where each begins and ends in it, in characters (UTF-16 units). */
interface PlacedTokens {
  ids: number[];
  starts: number[];
  ends: number[];
}

/** Bytes of one character all cover it. */
function placeCharacters({ ids, ends }: PieceTokens): PlacedTokens {
  let open = 0;
  const starts = ends.map((end, i) => {
    if (i > 0 && ends[i - 1] !== end) open = ends[i - 1];
    return open;
  });
  return { ids, starts, ends };
}

/** The model counted bytes of UTF-8. */
function placeBytes(piece: string, { ids, ends }: PieceTokens): PlacedTokens {
  const firstOf: number[] = [];
  const endOf: number[] = [];
  let at = 0;
  for (const c of piece) {
    const width = c.length === 2 ? 4 : c < '\x80' ? 1 : c < '\u0800' ? 2 : 3;
    for (let i = 0; i < width; i++) {
      firstOf.push(at);
      endOf.push(at + c.length);
    }
    at += c.length;
  }
  return {
    ids,
    starts: ends.map((_, i) => firstOf[i === 0 ? 0 : ends[i - 1]]),
    ends: ends.map((end) => endOf[end - 1]),
  };
}

/** Texts by id: the model's, then the added ones. Two tokens may not share an id unless they are the same. */
function textsById(
  ids: ReadonlyMap<string, number>,
  added: ReturnType<typeof readAddedTokens>,
  spell: (content: string) => string,
): Map<number, string> {
  const texts = new Map<number, string>();
  for (const [text, id] of ids) {
    if (texts.has(id)) refuseTokenizer('tokenizer.json, model.vocab', 'an id of its own for every token', text);
    texts.set(id, text);
  }
  // A normalised token stands in the text as the normaliser leaves it, also when it is written back.
  for (const { id, content, normalized } of added) texts.set(id, (normalized && spell(content)) || content);
  return texts;
}

/** @param file parsed tokenizer.json with a BPE or Unigram model. @throws StudioError('model'), naming the field */
export function readSubwordTokenizer(file: unknown): TextTokenizer {
  const json = readObject(file, 'tokenizer.json');
  const { model, ids } = readSubwordModel(json.model);
  const added = readAddedTokens(json.added_tokens);
  const normalize = readNormalizer(json.normalizer, 'tokenizer.json, normalizer');
  const { split, bytes } = readPreTokenizer(json.pre_tokenizer);
  const decodeTokens = readDecoder(json.decoder);
  const frames = readPostProcessor(json.post_processor);
  const spell = (content: string) => normalize({ text: content, starts: null, ends: null }).text;
  const texts = textsById(ids, added, spell);
  const idsByText = new Map([...ids, ...added.map(({ content, id }) => [content, id] as const)]);
  const special = new Set(added.filter((token) => token.special).map((token) => token.id));
  const findAsIs = findAddedTokens(
    added.filter((token) => !token.normalized),
    (content) => content,
  );
  const findNormalized = findAddedTokens(
    added.filter((token) => token.normalized),
    spell,
  );
  const cache = new Map<string, PlacedTokens>();

  function tokensOf(piece: string): PlacedTokens {
    const known = cache.get(piece);
    if (known) return known;
    const tokens = bytes ? placeBytes(piece, model(toByteLetters(piece))) : placeCharacters(model(piece));
    if (piece.length <= CACHED_LENGTH) {
      if (cache.size >= CACHED_PIECES) cache.clear();
      cache.set(piece, tokens);
    }
    return tokens;
  }

  /** @param base where the aligned text begins in the whole text */
  function addPiece(out: TokenList, piece: Piece, aligned: AlignedText, from: number, base: number): void {
    const { ids, starts, ends } = tokensOf(piece.text);
    const startOf = (i: number) => (aligned.starts ? aligned.starts[i] : i);
    for (let i = 0; i < ids.length; i++) {
      // In the normalised text; what was put in front stands in no text and covers nothing.
      const start = from + piece.start + Math.max(0, starts[i] - piece.lead);
      const end = from + piece.start + Math.max(0, ends[i] - piece.lead);
      if (end > start) out.add(ids[i], base + startOf(start), base + (aligned.ends ? aligned.ends[end - 1] : end));
      else {
        const place = start < aligned.text.length ? startOf(start) : (aligned.ends?.[start - 1] ?? start);
        out.add(ids[i], base + place, base + place);
      }
    }
  }

  function encodeSpans(text: string): EncodedText {
    const out = new TokenList();
    for (const stretch of findAsIs(text)) {
      if (stretch.id !== null) {
        out.add(stretch.id, stretch.from, stretch.to);
        continue;
      }
      const aligned = normalize({ text: text.slice(stretch.from, stretch.to), starts: null, ends: null });
      for (const { from, to, id } of findNormalized(aligned.text)) {
        if (id !== null) {
          const start = aligned.starts?.[from] ?? from;
          out.add(id, stretch.from + start, stretch.from + (aligned.ends?.[to - 1] ?? to));
          continue;
        }
        const whole: Piece = { text: aligned.text.slice(from, to), start: 0, lead: 0 };
        for (const piece of split([whole], stretch.from + from === 0)) {
          addPiece(out, piece, aligned, from, stretch.from);
        }
      }
    }
    return out.freeze();
  }

  const decode = (list: ArrayLike<number>, keepSpecial: boolean) => {
    const tokens: string[] = [];
    for (const id of Array.from(list)) {
      const text = texts.get(id);
      if (text !== undefined && (keepSpecial || !special.has(id))) tokens.push(text);
    }
    return decodeTokens(tokens);
  };

  return {
    size: [...texts.keys()].reduce((size, id) => Math.max(size, id + 1), 0),
    encode: (text) => encodeSpans(text).ids,
    encodeSpans,
    encodeDocument(text, partner) {
      const sequences = [encodeSpans(text).ids, partner === undefined ? new Int32Array(0) : encodeSpans(partner).ids];
      const out: { ids: number[]; typeIds: number[] } = { ids: [], typeIds: [] };
      for (const { part, typeId } of partner === undefined ? frames.single : frames.pair) {
        for (const id of typeof part === 'number' ? sequences[part] : part) {
          out.ids.push(id);
          out.typeIds.push(typeId);
        }
      }
      return out;
    },
    decode: (list) => decode(list, false),
    decodeAll: (list) => decode(list, true),
    tokenText: (id) => texts.get(id) ?? '',
    idOf: (token) => idsByText.get(token),
    isSpecial: (id) => special.has(id),
  };
}
