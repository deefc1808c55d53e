// The vocabulary inside a GGUF file as the tokenizer.json it was made from. GGUF keeps tokens, types, merges or scores; how the text is
// cut before, it only names (`tokenizer.ggml.pre`). A name that is not in this list is refused: a wrong cut looks right on prose and is
// wrong on numbers.
import { type JsonObject, readFlag, readId, readList, readText, refuseTokenizer } from './subword/readFields';
import { readTokenizer, type TextTokenizer } from './tokenizer';

/** GGUF metadata by key; lists of numbers may be typed arrays. */
export type GgufMetadata = ReadonlyMap<string, unknown>;

const isolated = (regex: string): JsonObject => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const byteLevel = (useRegex: boolean): JsonObject => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  use_regex: useRegex,
});
const sequence = (...pretokenizers: JsonObject[]): JsonObject => ({ type: 'Sequence', pretokenizers });

const ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const words = (digits: string) =>
  `${ENDINGS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const GPT2 = byteLevel(true);
const EACH_DIGIT = sequence({ type: 'Digits', individual_digits: true }, byteLevel(true));
const LLAMA3 = sequence(isolated(words('\\p{N}{1,3}')), byteLevel(false));
const QWEN2 = sequence(isolated(words('\\p{N}')), byteLevel(false));
/** What llama.cpp takes for files that name nothing. */
const UNNAMED = sequence(
  isolated('[\\p{P}\\$\\+<=>\\^~\\|]+'),
  isolated("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"),
  isolated('\\p{N}+'),
  isolated('[0-9][0-9][0-9]'),
  byteLevel(false),
);

/** name → pre-tokenizer; the normaliser and `ignore_merges` of the tokenizers that have them */
const PRE_TOKENIZERS: Record<string, { pre: JsonObject; normalizer?: JsonObject; ignoreMerges?: boolean }> = {
  default: { pre: UNNAMED },
  'gpt-2': { pre: GPT2 },
  'phi-2': { pre: GPT2 },
  mpt: { pre: GPT2 },
  olmo: { pre: GPT2 },
  smollm: { pre: EACH_DIGIT },
  starcoder: { pre: EACH_DIGIT },
  codeshell: { pre: EACH_DIGIT },
  refact: { pre: EACH_DIGIT },
  'command-r': { pre: EACH_DIGIT },
  'llama-bpe': { pre: LLAMA3, ignoreMerges: true },
  'llama-v3': { pre: LLAMA3, ignoreMerges: true },
  llama3: { pre: LLAMA3, ignoreMerges: true },
  qwen2: { pre: QWEN2, normalizer: { type: 'NFC' } },
  'deepseek-r1-qwen': { pre: QWEN2, normalizer: { type: 'NFC' } },
};

/** tokenizer.ggml.token_type */
const CONTROL = 3;
const USER_DEFINED = 4;

interface Entries {
  tokens: string[];
  types: ArrayLike<unknown>;
}

function listOf(metadata: GgufMetadata, key: string): ArrayLike<unknown> {
  const value = metadata.get(key);
  return ArrayBuffer.isView(value) && 'length' in value
    ? (value as unknown as ArrayLike<unknown>)
    : readList(value, key);
}

function readEntries(metadata: GgufMetadata): Entries {
  const tokens = Array.from(listOf(metadata, 'tokenizer.ggml.tokens'), (token, i) =>
    readText(token, `tokenizer.ggml.tokens[${i}]`),
  );
  const types = metadata.has('tokenizer.ggml.token_type') ? listOf(metadata, 'tokenizer.ggml.token_type') : [];
  if (types.length !== 0 && types.length !== tokens.length) {
    refuseTokenizer('tokenizer.ggml.token_type', `one type for each of ${tokens.length} tokens`, types.length);
  }
  return { tokens, types };
}

/** Control tokens and those a maker added are found before anything else. */
function addedTokens({ tokens, types }: Entries): JsonObject[] {
  return tokens.flatMap((content, id) => {
    const special = types[id] === CONTROL;
    return (special || types[id] === USER_DEFINED) && content !== ''
      ? [{ id, content, special, normalized: false, single_word: false, lstrip: false, rstrip: false }]
      : [];
  });
}

/** Texts must differ: an empty or repeated one can never be written and gets a name of its own. */
function vocabularyOf(tokens: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  tokens.forEach((text, id) => {
    ids.set(text === '' || ids.has(text) ? `${text}<unused ${id}>` : text, id);
  });
  return ids;
}

function readBytePairTokenizer(metadata: GgufMetadata, entries: Entries): TextTokenizer {
  const name = metadata.has('tokenizer.ggml.pre')
    ? readText(metadata.get('tokenizer.ggml.pre'), 'tokenizer.ggml.pre')
    : 'default';
  if (!Object.hasOwn(PRE_TOKENIZERS, name)) {
    refuseTokenizer('tokenizer.ggml.pre', `one of ${Object.keys(PRE_TOKENIZERS).join(', ')}`, name);
  }
  const { pre, normalizer, ignoreMerges } = PRE_TOKENIZERS[name];
  return readTokenizer({
    normalizer: normalizer ?? null,
    pre_tokenizer: pre,
    post_processor: framesOf(metadata, entries, false),
    decoder: { type: 'ByteLevel' },
    added_tokens: addedTokens(entries),
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(vocabularyOf(entries.tokens)),
      merges: Array.from(listOf(metadata, 'tokenizer.ggml.merges')),
      ignore_merges: ignoreMerges ?? false,
    },
  });
}

/** The begin and end token a document gets, where the file says so. */
function framesOf(metadata: GgufMetadata, { tokens }: Entries, begins: boolean): JsonObject | null {
  const tokenOf = (flag: string, key: string, fallback: boolean) => {
    if (!readFlag(metadata.get(flag), flag, fallback) || !metadata.has(key)) return [];
    const id = readId(metadata.get(key), key);
    if (id >= tokens.length) refuseTokenizer(key, `one of ${tokens.length} tokens`, id);
    return [id];
  };
  const begin = tokenOf('tokenizer.ggml.add_bos_token', 'tokenizer.ggml.bos_token_id', begins);
  const end = tokenOf('tokenizer.ggml.add_eos_token', 'tokenizer.ggml.eos_token_id', false);
  if (begin.length + end.length === 0) return null;
  const framed = (sequence: 'A' | 'B', type_id: number) => [
    ...begin.map(() => ({ SpecialToken: { id: 'begin', type_id } })),
    { Sequence: { id: sequence, type_id } },
    ...end.map(() => ({ SpecialToken: { id: 'end', type_id } })),
  ];
  return {
    type: 'TemplateProcessing',
    single: framed('A', 0),
    pair: [...framed('A', 0), ...framed('B', 1)],
    special_tokens: { begin: { ids: begin }, end: { ids: end } },
  };
}

/** SentencePiece's pairs: two tokens whose joined text is a token join, the best score first. As merges, in the order of the scores. */
function mergesByScore(ids: ReadonlyMap<string, number>, scores: ArrayLike<unknown>): [string, string][] {
  const merges: { score: number; pair: [string, string] }[] = [];
  for (const [text, id] of ids) {
    const score = Number(scores[id]);
    for (let at = 1; at < text.length; at++) {
      const pair: [string, string] = [text.slice(0, at), text.slice(at)];
      if (ids.has(pair[0]) && ids.has(pair[1])) merges.push({ score, pair });
    }
  }
  return merges.sort((a, b) => b.score - a.score).map(({ pair }) => pair);
}

function readSentencePieces(metadata: GgufMetadata, entries: Entries): TextTokenizer {
  const scores = listOf(metadata, 'tokenizer.ggml.scores');
  if (scores.length !== entries.tokens.length) {
    refuseTokenizer('tokenizer.ggml.scores', `one score for each of ${entries.tokens.length} tokens`, scores.length);
  }
  const prefix = readFlag(metadata.get('tokenizer.ggml.add_space_prefix'), 'tokenizer.ggml.add_space_prefix', true);
  const ids = vocabularyOf(entries.tokens);
  const unknown = metadata.get('tokenizer.ggml.unknown_token_id');
  const replace = (from: string, to: string) => ({ type: 'Replace', pattern: { String: from }, content: to });
  return readTokenizer({
    normalizer: {
      type: 'Sequence',
      normalizers: [...(prefix ? [{ type: 'Prepend', prepend: '▁' }] : []), replace(' ', '▁')],
    },
    pre_tokenizer: null,
    post_processor: framesOf(metadata, entries, true),
    decoder: {
      type: 'Sequence',
      decoders: [
        replace('▁', ' '),
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    added_tokens: addedTokens(entries),
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(ids),
      merges: mergesByScore(ids, scores),
      unk_token: typeof unknown === 'number' ? (entries.tokens[unknown] ?? null) : null,
      fuse_unk: true,
      byte_fallback: true,
    },
  });
}

/** @throws StudioError('model') for kinds and names that are not implemented */
export function readGgufTokenizer(metadata: GgufMetadata): TextTokenizer {
  const kind = readText(metadata.get('tokenizer.ggml.model'), 'tokenizer.ggml.model');
  if (kind === 'gpt2') return readBytePairTokenizer(metadata, readEntries(metadata));
  if (kind === 'llama') return readSentencePieces(metadata, readEntries(metadata));
  return refuseTokenizer('tokenizer.ggml.model', 'gpt2 (byte pairs) or llama (SentencePiece)', kind);
}
