// Tokenizers and templates that are broken or mean ill: 2,000 mutations of each end in something that works or in our own error.
import { expect, test } from 'vitest';
import { mutateJson, mutateText } from '../lib/testing/seededMutations';
import { StudioError } from '../protocol/errors';
import { createChat } from './chat';
import { compileChatTemplate } from './chatTemplate';
import { readGgufTokenizer } from './ggufTokenizer';
import { goldenTokenizers, readTokenizerGolden } from './testing/tokenizerGoldens';
import { readTokenizer } from './tokenizer';

const MUTATIONS = 2000;
const TEXTS = ['Hello 12 + 30?\n\n  "word" café', '안녕 🙂 <|L|> x <tool>', ' '.repeat(200), `${'ab'.repeat(100)}1`];

/** Works, or refuses as it should. @returns whether it worked */
function worksOrRefuses(what: string, use: () => void): boolean {
  try {
    use();
    return true;
  } catch (error) {
    expect(error, `${what}: ${error}`).toBeInstanceOf(StudioError);
    return false;
  }
}

test('tokenizer.json: every mutation reads and writes, or is refused', () => {
  const sources = goldenTokenizers()
    .filter((name) => name !== 'smollm2')
    .map((name) => readTokenizerGolden(`${name}/tokenizer.json`));
  const bundled = {
    model: { type: 'WordLevel', vocab: { a: 0, b: 1 }, unk_token: 'a' },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    added_tokens: [{ id: 2, content: '<x>', special: true }],
  };
  sources.push(bundled);
  let worked = 0;
  for (let seed = 0; seed < MUTATIONS; seed++) {
    // Half of them change what is not the vocabulary, where the rules are.
    const { model, added_tokens, ...rules } = sources[seed % sources.length];
    const mutated =
      seed % 2 === 0
        ? mutateJson({ ...rules, model, added_tokens }, seed)
        : { model, added_tokens, ...(mutateJson(rules, seed) as object) };
    const used = worksOrRefuses(`seed ${seed}`, () => {
      const tokenizer = readTokenizer(mutated);
      for (const text of TEXTS) {
        const { ids } = tokenizer.encodeSpans(text);
        // Nothing a rule does makes a text endless.
        expect(ids.length).toBeLessThan(64 * 64 * (text.length + 1));
        tokenizer.decode(ids);
        tokenizer.encodeDocument(text, text);
      }
    });
    if (used) worked++;
  }
  expect(worked).toBeGreaterThan(0);
  expect(worked).toBeLessThan(MUTATIONS);
}, 60_000);

test('GGUF vocabularies: every mutation reads and writes, or is refused', () => {
  const { model } = readTokenizerGolden('gpt2-style/tokenizer.json');
  const metadata = {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'smollm',
    'tokenizer.ggml.tokens': Object.keys(model.vocab),
    'tokenizer.ggml.token_type': Object.keys(model.vocab).map((_, i) => (i % 50 === 0 ? 3 : 1)),
    'tokenizer.ggml.merges': model.merges.map((pair: string[]) => pair.join(' ')),
    'tokenizer.ggml.scores': Object.keys(model.vocab).map((_, i) => -i),
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.add_bos_token': true,
  };
  for (let seed = 0; seed < MUTATIONS / 4; seed++) {
    const kind = seed % 2 === 0 ? 'gpt2' : 'llama';
    const mutated = mutateJson({ ...metadata, 'tokenizer.ggml.model': kind }, seed) as Record<string, unknown>;
    worksOrRefuses(`seed ${seed}`, () => {
      const tokenizer = readGgufTokenizer(new Map(Object.entries(mutated)));
      for (const text of TEXTS) tokenizer.decode(tokenizer.encodeDocument(text).ids);
    });
  }
}, 60_000);

const SIGNS = [
  '{%',
  '%}',
  '{{',
  '}}',
  '-',
  '|',
  '(',
  ')',
  '[',
  ']',
  ':',
  '~',
  '+',
  '*',
  "'",
  '"',
  '{% for a in messages %}',
  '{% endfor %}',
  '{% set x = x ~ x %}',
  '{% if %}',
  '{% endif %}',
  'range(10**9)',
  'loop',
  ' is ',
  ' in ',
  '.items()',
  '[::-1]',
  '**',
  '1e9',
  '{#',
  '\\',
  '\n',
  '🙂',
  '{% macro m() %}',
  'm()',
  '{% generation %}',
  '| tojson(indent=9)',
  '{% call m() %}',
];

test('chat templates: every mutation renders and masks, or is refused', () => {
  const { templates } = readTokenizerGolden('chat_templates.json');
  const sources: string[] = Object.values(templates);
  const tokenizer = readTokenizer(readTokenizerGolden('gpt2-style/tokenizer.json'));
  const messages = ['user', 'assistant', 'user', 'assistant'].map((role, i) => ({ role, content: `text ${i} 🙂` }));
  let worked = 0;
  for (let seed = 0; seed < MUTATIONS; seed++) {
    const template = mutateText(sources[seed % sources.length], seed, SIGNS);
    const used = worksOrRefuses(`seed ${seed}`, () => {
      compileChatTemplate(template).render({ messages, add_generation_prompt: true });
      createChat(tokenizer, template, '<|endoftext|>').conversation(messages);
    });
    if (used) worked++;
  }
  expect(worked).toBeGreaterThan(0);
  expect(worked).toBeLessThan(MUTATIONS);
}, 60_000);
