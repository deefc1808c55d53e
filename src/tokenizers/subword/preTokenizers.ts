// Cuts the text into pieces no token may cross.
import { compilePattern, readPattern } from './onigurumaPattern';
import { isObject, readFlag, readList, readObject, readShortText, readText, refuseTokenizer } from './readFields';

/** A piece of the normalised text. */
export interface Piece {
  text: string;
  /** where its own characters begin in the normalised text */
  start: number;
  /** how many characters were put in front and stand in no text */
  lead: number;
}

/** @param atStart whether the pieces' text stands at the very beginning of what is encoded */
type PreTokenizer = (pieces: Piece[], atStart: boolean) => Piece[];

/** GPT-2's own pattern: case-sensitive, so "'S" is no ending. */
const GPT2_PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'] as const;
type Behavior = (typeof BEHAVIORS)[number];

function slice(piece: Piece, from: number, to: number): Piece {
  if (from === 0 && to === piece.text.length) return piece;
  return {
    text: piece.text.slice(from, to),
    start: piece.start + Math.max(0, from - piece.lead),
    lead: Math.max(0, Math.min(piece.lead, to) - from),
  };
}

/** Where to cut: found stretches and the ones between them, then joined as the behaviour says. */
function cutPiece(piece: Piece, pattern: RegExp, behavior: Behavior, invert: boolean): Piece[] {
  const parts: [from: number, to: number, found: boolean][] = [];
  let at = 0;
  for (const { 0: found, index } of piece.text.matchAll(pattern)) {
    if (found === '') continue;
    if (index > at) parts.push([at, index, invert]);
    parts.push([index, index + found.length, !invert]);
    at = index + found.length;
  }
  if (at < piece.text.length) parts.push([at, piece.text.length, invert]);
  const cuts: [from: number, to: number][] = [];
  let before: boolean | null = null;
  for (const [from, to, found] of parts) {
    const last = cuts.at(-1);
    const joins =
      behavior === 'MergedWithPrevious'
        ? found && before === false
        : behavior === 'MergedWithNext'
          ? !found && before === true
          : behavior === 'Contiguous' && before === found;
    if (joins && last) last[1] = to;
    else if (behavior !== 'Removed' || !found) cuts.push([from, to]);
    before = found;
  }
  return cuts.map(([from, to]) => slice(piece, from, to));
}

function splitter(pattern: RegExp, behavior: Behavior, invert = false): PreTokenizer {
  return (pieces) => pieces.flatMap((piece) => cutPiece(piece, pattern, behavior, invert));
}

function readBehavior(value: unknown, where: string): Behavior {
  return BEHAVIORS.find((name) => name === value) ?? refuseTokenizer(where, `one of ${BEHAVIORS.join(', ')}`, value);
}

function metaspace(fields: Record<string, unknown>, where: string): PreTokenizer {
  const replacement = readShortText(fields.replacement ?? '▁', `${where}.replacement`);
  if (replacement.length !== 1) refuseTokenizer(`${where}.replacement`, 'one character', replacement);
  const scheme = readText(
    fields.prepend_scheme ?? (fields.add_prefix_space === false ? 'never' : 'always'),
    `${where}.prepend_scheme`,
  );
  if (!['always', 'first', 'never'].includes(scheme)) {
    refuseTokenizer(`${where}.prepend_scheme`, 'always, first or never', scheme);
  }
  const split = readFlag(fields.split, `${where}.split`, true);
  const cut = splitter(compilePattern(`\\x{${replacement.charCodeAt(0).toString(16)}}`, where), 'MergedWithNext');
  return (pieces, atStart) => {
    const marked = pieces.map((piece) => {
      const text = piece.text.replaceAll(' ', replacement);
      const prefixed = scheme === 'always' || (scheme === 'first' && atStart && piece.start === 0);
      if (!prefixed || text.startsWith(replacement)) return { ...piece, text };
      return { text: replacement + text, start: piece.start, lead: piece.lead + 1 };
    });
    return split ? cut(marked, atStart) : marked;
  };
}

function byteLevel(fields: Record<string, unknown>, where: string): PreTokenizer {
  const prefix = readFlag(fields.add_prefix_space, `${where}.add_prefix_space`, true);
  const cut = readFlag(fields.use_regex, `${where}.use_regex`, true)
    ? splitter(compilePattern(GPT2_PATTERN, where), 'Isolated')
    : null;
  return (pieces, atStart) => {
    const all = prefix
      ? pieces.map((piece) =>
          piece.text.startsWith(' ') ? piece : { text: ` ${piece.text}`, start: piece.start, lead: piece.lead + 1 },
        )
      : pieces;
    return cut ? cut(all, atStart) : all;
  };
}

function readStep(json: unknown, where: string, depth: number): PreTokenizer {
  const fields = readObject(json, where);
  const type = readText(fields.type, `${where}.type`);
  switch (type) {
    case 'Sequence': {
      if (depth > 4) refuseTokenizer(where, 'sequences nested at most five deep', type);
      const list = readList(fields.pretokenizers, `${where}.pretokenizers`);
      if (list.length > 32) refuseTokenizer(where, 'at most 32 steps', list.length);
      const steps = list.map((step, i) => readStep(step, `${where}.pretokenizers[${i}]`, depth + 1));
      return (pieces, atStart) => steps.reduce((current, step) => step(current, atStart), pieces);
    }
    case 'ByteLevel':
      return byteLevel(fields, where);
    case 'Metaspace':
      return metaspace(fields, where);
    case 'Split':
      return splitter(
        readPattern(fields.pattern, `${where}.pattern`),
        readBehavior(fields.behavior, `${where}.behavior`),
        readFlag(fields.invert, `${where}.invert`),
      );
    case 'Digits':
      return splitter(
        /\p{N}/gu,
        readFlag(fields.individual_digits, `${where}.individual_digits`) ? 'Isolated' : 'Contiguous',
      );
    case 'Punctuation':
      return splitter(/[!-/:-@[-`{-~]|\p{P}/gu, readBehavior(fields.behavior ?? 'Isolated', `${where}.behavior`));
    case 'Whitespace':
      return splitter(compilePattern('\\w+|[^\\w\\s]+', where), 'Removed', true);
    case 'WhitespaceSplit':
      return splitter(/\p{White_Space}/gu, 'Removed');
    default:
      return refuseTokenizer(`${where}.type`, 'a pre-tokenizer that is implemented', type);
  }
}

/** The types of a step and of all steps inside it, in order. */
function typesOf(json: unknown): unknown[] {
  if (!isObject(json)) return [];
  return json.type === 'Sequence' && Array.isArray(json.pretokenizers)
    ? json.pretokenizers.flatMap(typesOf)
    : [json.type];
}

/** @param json the "pre_tokenizer" of tokenizer.json, or null. `bytes`: pieces are read as the bytes of their UTF-8 */
export function readPreTokenizer(json: unknown): { split: PreTokenizer; bytes: boolean } {
  if (json === null || json === undefined) return { split: (pieces) => pieces, bytes: false };
  const split = readStep(json, 'tokenizer.json, pre_tokenizer', 0);
  const types = typesOf(json);
  const at = types.indexOf('ByteLevel');
  // A step behind it would see the letters that stand for bytes.
  if (at >= 0 && at < types.length - 1) {
    refuseTokenizer('tokenizer.json, pre_tokenizer', 'ByteLevel as the last step', types[at + 1]);
  }
  return { split, bytes: at >= 0 };
}
