// Tokenizers against the original library's ids and texts, and what holds for all of them: spans, streams.
import { describe, expect, test } from 'vitest';
import { readGgufTokenizer } from './ggufTokenizer';
import { type GoldenCase, goldenTokenizers, readTokenizerGolden } from './testing/tokenizerGoldens';
import { createTextStream } from './textStream';
import { readTokenizer, type TextTokenizer } from './tokenizer';

const names = [...goldenTokenizers(), 'smollm2'];
const tokenizers = new Map(names.map((name) => [name, readTokenizer(readTokenizerGolden(`${name}/tokenizer.json`))]));
const goldenOf = (name: string) =>
  readTokenizerGolden(name === 'smollm2' ? 'smollm2_cases.json' : `${name}/cases.json`);
const skipSpecial = (entry: GoldenCase) => entry.decoded_skip_special ?? entry.decoded;

describe.each(names)('%s', (name) => {
  const tokenizer = tokenizers.get(name) as TextTokenizer;
  const golden = goldenOf(name);
  const cases: GoldenCase[] = golden.cases;

  test('the same ids for every text', () => {
    expect(cases.length).toBeGreaterThan(10);
    for (const { text, ids, ids_with_special } of cases) {
      expect(Array.from(tokenizer.encode(text)), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.encodeDocument(text).ids, JSON.stringify(text)).toEqual(ids_with_special ?? ids);
    }
  });

  test('the same text for every list of ids, broken ones too', () => {
    for (const entry of [...cases, ...golden.decode_only] as GoldenCase[]) {
      expect(tokenizer.decodeAll(entry.ids), `${entry.ids}`).toBe(entry.decoded);
      // Of texts the file tells both readings of the ids with the tokens round them.
      const ids = entry.ids_with_special ?? entry.ids;
      expect(tokenizer.decode(ids), `${ids}`).toBe(skipSpecial(entry));
    }
  });

  test('pairs of texts', () => {
    for (const { a, b, ids, type_ids } of golden.pair ?? []) {
      expect(tokenizer.encodeDocument(a, b)).toEqual({ ids, typeIds: type_ids });
    }
  });

  test('spans lie in the text and in order; a token that is text covers just this text', () => {
    let checked = 0;
    for (const { text } of cases) {
      const { ids, starts, ends } = tokenizer.encodeSpans(text);
      ids.forEach((id, i) => {
        expect(starts[i]).toBeLessThanOrEqual(ends[i]);
        expect(ends[i]).toBeLessThanOrEqual(text.length);
        if (i > 0) expect(starts[i], JSON.stringify(text)).toBeGreaterThanOrEqual(starts[i - 1]);
        const token = tokenizer.tokenText(id);
        if (!/^[a-zA-Z0-9]+$/.test(token) || text.normalize('NFKC') !== text) return;
        expect(text.slice(starts[i], ends[i]).trim(), JSON.stringify(text)).toBe(token);
        checked++;
      });
    }
    expect(checked).toBeGreaterThan(20);
  });

  test('a stream shows whole characters, and all of decode in the end', () => {
    for (const { ids } of [...cases, ...golden.decode_only] as GoldenCase[]) {
      const stream = createTextStream(tokenizer);
      const whole = tokenizer.decode(ids);
      let shown = '';
      for (const id of ids) {
        const more = stream.push(id);
        expect(more.endsWith('\ufffd'), `${ids}`).toBe(false);
        shown += more;
        expect(whole.startsWith(shown), `"${shown}" in "${whole}"`).toBe(true);
      }
      expect(shown + stream.finish()).toBe(whole);
    }
  });
});

/** A tokenizer.json of byte pairs as the metadata of a GGUF. */
function asGguf(name: string, pre: string): Map<string, unknown> {
  const json = readTokenizerGolden(`${name}/tokenizer.json`);
  const tokens: string[] = [];
  for (const [text, id] of Object.entries<number>(json.model.vocab)) tokens[id] = text;
  const types = tokens.map(() => 1);
  for (const { id, content, special } of json.added_tokens) {
    tokens[id] = content;
    types[id] = special ? 3 : 4;
  }
  return new Map<string, unknown>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', pre],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', Int32Array.from(types)],
    ['tokenizer.ggml.merges', json.model.merges.map((pair: string[]) => pair.join(' '))],
    ['tokenizer.ggml.bos_token_id', 1],
    ['tokenizer.ggml.add_bos_token', name === 'smollm2'],
  ]);
}

test('a vocabulary from a GGUF gives the ids of the original, digits cut as it names', () => {
  const tokenizer = readGgufTokenizer(asGguf('smollm2', 'smollm'));
  const plain = readGgufTokenizer(asGguf('smollm2', 'gpt-2'));
  const { cases, decode_only } = readTokenizerGolden('smollm2_cases.json');
  let differ = 0;
  for (const { text, ids, plain_gpt2_pre_tokenizer_ids } of cases) {
    expect(Array.from(tokenizer.encode(text)), JSON.stringify(text)).toEqual(ids);
    expect(Array.from(plain.encode(text))).toEqual(plain_gpt2_pre_tokenizer_ids ?? ids);
    if (plain_gpt2_pre_tokenizer_ids) differ++;
  }
  expect(differ).toBeGreaterThan(0);
  for (const { ids, decoded } of decode_only) expect(tokenizer.decodeAll(ids)).toBe(decoded);
  expect(tokenizer.encodeDocument('Hi').ids[0]).toBe(1);
});

test.each([
  ['llama3-style', 'llama-bpe'],
  ['qwen-style', 'qwen2'],
  ['gpt2-style', 'gpt-2'],
])('%s as GGUF with pre-tokenizer %s', (name, pre) => {
  const tokenizer = readGgufTokenizer(asGguf(name, pre));
  const reference = tokenizers.get(name) as TextTokenizer;
  // GGUF knows no blanks swallowed with a token, no whole words and no normalised tokens.
  const plain = goldenOf(name).cases.filter(({ text }: GoldenCase) => !/<\|[LR]+\|>|word|caf/.test(text));
  expect(plain.length).toBeGreaterThan(20);
  for (const { text } of plain)
    expect(Array.from(tokenizer.encode(text)), text).toEqual(Array.from(reference.encode(text)));
});

test('SentencePiece pairs from a GGUF join by score', () => {
  const tokens = [
    '<unk>',
    '<s>',
    '</s>',
    ...Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  ];
  const words = ['▁', 'a', 'b', 'c', 'ab', 'bc', '▁a', 'abc', '▁ab'];
  const metadata = new Map<string, unknown>([
    ['tokenizer.ggml.model', 'llama'],
    ['tokenizer.ggml.tokens', [...tokens, ...words]],
    ['tokenizer.ggml.scores', Float32Array.from([...tokens.map(() => 0), ...words.map((_, i) => -i)])],
    ['tokenizer.ggml.token_type', Int32Array.from([2, 3, 3, ...Array(256).fill(6), ...words.map(() => 1)])],
    ['tokenizer.ggml.bos_token_id', 1],
    ['tokenizer.ggml.eos_token_id', 2],
    ['tokenizer.ggml.unknown_token_id', 0],
  ]);
  const tokenizer = readGgufTokenizer(metadata);
  const texts = (text: string) => Array.from(tokenizer.encode(text), (id) => tokenizer.tokenText(id));
  // ab (−4) before bc (−5) and ▁a (−6), then abc (−7) before ▁ab (−8).
  expect(texts('abc')).toEqual(['▁', 'abc']);
  expect(texts('ab')).toEqual(['▁ab']);
  expect(texts('</s>b é')).toEqual(['</s>', '▁', 'b', '▁', '<0xC3>', '<0xA9>']);
  expect(tokenizer.encodeDocument('a').ids[0]).toBe(1);
  expect(tokenizer.decode(tokenizer.encode('abc é b'))).toBe('abc é b');
});

test('what is not implemented is refused by its name', () => {
  const gpt2 = readTokenizerGolden('gpt2-style/tokenizer.json');
  expect(() => readGgufTokenizer(asGguf('gpt2-style', 'tekken'))).toThrow(/tokenizer\.ggml\.pre.*"tekken"/);
  expect(() => readGgufTokenizer(new Map([['tokenizer.ggml.model', 'rwkv']]))).toThrow(/"rwkv"/);
  expect(() => readTokenizer({ ...gpt2, normalizer: { type: 'BertNormalizer' } })).toThrow(/BertNormalizer/);
  expect(() => readTokenizer({ ...gpt2, model: { type: 'WordPiece', vocab: {} } })).toThrow(/WordPiece/);
  expect(() => readTokenizer({ ...gpt2, decoder: { type: 'CTC' } })).toThrow(/CTC/);
  const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated' });
  expect(() => readTokenizer({ ...gpt2, pre_tokenizer: split('(a+)+$') })).toThrow(/repetition/);
  expect(() => readTokenizer({ ...gpt2, pre_tokenizer: split('(?<n>a)') })).toThrow(/group/);
});
