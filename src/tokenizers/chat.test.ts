// The bundled tokenizer and template: ids, the assistant's mask, and the guarantees the rollouts lean on.
import { describe, expect, test } from 'vitest';
import { CORRECTION_INSTRUCTION } from '../lib/dialProblem';
import { DIAL_CHAT_TEMPLATE, dialTokenizerJson, dialVocabulary } from '../models/dialLlama';
import { StudioError } from '../protocol/errors';
import { continueMessage, createChat } from './chat';
import { compileChatTemplate } from './chatTemplate';
import { openChat, openTokenizer } from './modelChat';
import { readTokenizerGolden } from './testing/tokenizerGoldens';
import { readTokenizer } from './tokenizer';

const tokenizer = readTokenizer(dialTokenizerJson());
const chat = createChat(tokenizer, DIAL_CHAT_TEMPLATE, '<|end|>');
const user = { role: 'user', content: 'dial 7 3 11' };
const answer = { role: 'assistant', content: '7 +3= 10 -11= 11' };
const texts = (ids: ArrayLike<number>) => Array.from(ids, (id) => tokenizer.tokenText(id));

test('vocabulary: 128 tokens, 64 or more of them spare', () => {
  expect(tokenizer.size).toBe(128);
  expect(dialVocabulary().filter((token) => token.startsWith('<spare_')).length).toBeGreaterThanOrEqual(64);
});

test('a sentence that is one token stays one, also beside other words', () => {
  expect(tokenizer.encode(`7 ${CORRECTION_INSTRUCTION} 3`)).toHaveLength(3);
  expect(texts(tokenizer.encode('7 unheard 3'))).toEqual(['7', '<unk>', '3']);
});

test('prompt and follow-up are pieces of the whole conversation: the second prompt holds the first answer verbatim', () => {
  const prompt = chat.prompt([user]);
  const follow = chat.followUp(CORRECTION_INSTRUCTION);
  const whole = chat.prompt([user, answer, { role: 'user', content: CORRECTION_INSTRUCTION }]);
  expect([...prompt, ...tokenizer.encode(answer.content), ...follow]).toEqual([...whole]);
  expect(texts(follow)).toEqual(['<|end|>', '<|user|>', CORRECTION_INSTRUCTION, '<|assistant|>']);
});

test('the mask covers the assistant’s text and its end token, nothing else', () => {
  const { ids, mask } = chat.conversation(
    [user, answer, { role: 'user', content: CORRECTION_INSTRUCTION }, answer],
    [3],
  );
  const counted = texts(ids.filter((_, i) => mask[i]));
  expect(counted).toEqual([...answer.content.split(' '), '<|end|>']);
  expect(mask.lastIndexOf(1)).toBe(ids.length - 1);
});

test('a template that rewrites earlier messages is refused', () => {
  const rewriting = "{% if messages|length > 1 %}gone{% endif %}{% for m in messages %}{{ m['content'] }}{% endfor %}";
  expect(() => createChat(tokenizer, rewriting, '<|end|>').followUp('x')).toThrow(/rewrites them/);
  expect(() => createChat(tokenizer, DIAL_CHAT_TEMPLATE, '<|nothing|>')).toThrow(/eos_token/);
});

interface TemplateCase {
  template: string;
  messages: { role: string; content: string }[];
  add_generation_prompt?: boolean;
  continue_final_message?: boolean;
  text?: string;
  ids?: number[];
  assistant_mask?: number[];
  error?: string;
}
const golden = readTokenizerGolden('chat_templates.json');
const goldenNames = Object.keys(golden.templates);

test.each(goldenNames)('template %s: text, ids, mask and complaints of the original', (name) => {
  const compiled = compileChatTemplate(golden.templates[name]);
  const source = golden.tokenizers[name];
  const special: Record<string, string> = golden.special[name] ?? {};
  const reader = source ? readTokenizer(readTokenizerGolden(`${source}/tokenizer.json`)) : null;
  const cases: TemplateCase[] = golden.cases.filter(({ template }: TemplateCase) => template === name);
  expect(cases.length).toBeGreaterThan(5);
  for (const { messages, add_generation_prompt = false, continue_final_message, ...expected } of cases) {
    const variables = { ...special, messages, add_generation_prompt };
    if (expected.error !== undefined) {
      expect(() => compiled.render(variables)).toThrow(expected.error);
      continue;
    }
    // A chat needs a token that ends a message; these tokenizers know it by the template.
    const end =
      reader && ['<|im_end|>', '<|eot_id|>', '<end_of_turn>'].find((token) => reader.idOf(token) !== undefined);
    const whole = reader && end ? createChat(reader, golden.templates[name], end, special) : null;
    if (continue_final_message) {
      expect(whole && continueMessage(whole.render, messages)).toBe(expected.text);
    } else expect(compiled.render(variables).text).toBe(expected.text);
    if (expected.ids && reader) expect(Array.from(reader.encode(expected.text as string))).toEqual(expected.ids);
    if (expected.assistant_mask && whole && !add_generation_prompt) {
      expect(Array.from(whole.conversation(messages).mask)).toEqual(expected.assistant_mask);
    }
  }
});

test('without generation blocks, the mask comes from the text before and through each message', () => {
  const unmarked = (source: string) => source.replace(/\{%-? ?(end)?generation ?-?%\}/g, '');
  for (const name of ['chatml', 'llama3', 'gemma']) {
    const reader = readTokenizer(readTokenizerGolden(`${golden.tokenizers[name]}/tokenizer.json`));
    const end = ['<|im_end|>', '<|eot_id|>', '<end_of_turn>'].find(
      (token) => reader.idOf(token) !== undefined,
    ) as string;
    const special = golden.special[name];
    const byPrefix = createChat(reader, unmarked(golden.templates[name]), end, special);
    const bySpan = createChat(reader, golden.templates[name], end, special);
    const messages = [user, answer, { role: 'user', content: 'Sure?' }, { role: 'assistant', content: '정답은 42 🙂' }];
    expect(byPrefix.conversation(messages)).toEqual(bySpan.conversation(messages));
    expect(byPrefix.conversation(messages, [3])).toEqual(bySpan.conversation(messages, [3]));
    expect(Array.from(bySpan.conversation(messages, []).mask)).not.toContain(1);
  }
});

test('the real SmolLM2: prompt, answer and follow-up are the conversation; special tokens come from the files', () => {
  const config = readTokenizerGolden('smollm2/tokenizer_config.json');
  const files = { kind: 'json' as const, json: readTokenizerGolden('smollm2/tokenizer.json'), config };
  const reader = openTokenizer(files);
  const smol = openChat(reader, files, null);
  expect(reader.tokenText(smol.endId)).toBe('<|im_end|>');
  const question = { role: 'user', content: 'What is 12 + 30?' };
  const reply = { role: 'assistant', content: '12 + 30 = 42.' };
  const again = { role: 'user', content: 'Please check.' };
  const pieces = [...smol.prompt([question]), ...reader.encode(reply.content), ...smol.followUp(again.content)];
  expect(pieces).toEqual([...smol.prompt([question, reply, again])]);
  const { ids, mask } = smol.conversation([question, reply]);
  expect(reader.decodeAll(ids.filter((_, i) => mask[i]))).toBe('12 + 30 = 42.<|im_end|>');
});

test('a model without a template speaks plainly; without an end token it is refused', () => {
  const json = readTokenizerGolden('gpt2-style/tokenizer.json');
  const files = { kind: 'json' as const, json, config: { eos_token: { content: '<|endoftext|>' } } };
  const reader = openTokenizer(files);
  const plain = openChat(reader, files, null);
  const { ids, mask } = plain.conversation([user, answer]);
  expect(reader.decodeAll(ids)).toBe('User:\ndial 7 3 11\n\nAssistant:\n7 +3= 10 -11= 11<|endoftext|>\n\n');
  expect(reader.decodeAll(ids.filter((_, i) => mask[i]))).toBe('7 +3= 10 -11= 11<|endoftext|>');
  expect(Array.from(ids.slice(0, plain.prompt([user]).length))).toEqual(Array.from(plain.prompt([user])));
  expect(() => openChat(reader, { ...files, config: {} }, null)).toThrow(/eos_token/);
});

test('templates that leave out earlier thoughts have no mask, and say why', () => {
  const json = readTokenizerGolden('gpt2-style/tokenizer.json');
  const forgetful =
    "{% for m in messages %}{% if m.role == 'assistant' and not loop.last %}…{% else %}{{ m.content }}{% endif %}{{ eos_token }}{% endfor %}";
  const chatOf = createChat(readTokenizer(json), forgetful, '<|endoftext|>');
  expect(() => chatOf.conversation([user, answer, user, answer])).toThrow(/prefix-preserving/);
});

describe('hostile templates end with an error', () => {
  const twice = (what: string) => `{% set x = ${what} %}`.repeat(60);
  test.each([
    ['a long loop', '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}'],
    ['a huge range', '{% for i in range(1000000000) %}x{% endfor %}'],
    ['a text that doubles', `{% set x = 'aaaaaaaa' %}${twice('x ~ x')}{{ x }}`],
    ['a list that doubles', `{% set x = [1] %}${twice('x + x')}{{ x }}`],
    ['a list of itself twice', `{% set x = [1] %}${twice('[x, x]')}{{ x }}`],
    ['the same as JSON', `{% set x = [1] %}${twice('[x, x]')}{{ x | tojson }}`],
    ['a namespace of itself', '{% set n = namespace(a=1) %}{% set n.a = [n] %}{{ n.a }}'],
    ['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    ['repetition', "{{ 'x' * 1000000000 }}"],
    ['replacement', "{% set x = 'a' * 100000 %}{{ x | replace('a', x) }}"],
    ['an indentation', '{{ [1] | tojson(indent=1000000000) }}'],
    ['wide indentation', "{% set l = 'a\n' * 1000000 %}{{ l | indent(64) }}{{ l | indent(64) }}"],
    ['brackets', `{{ ${'('.repeat(50000)}1${')'.repeat(50000)} }}`],
    ['blanks', `${' '.repeat(100000)}{{ 1 }}`],
    ['a filter nobody knows', '{{ 1 | wipe }}'],
    ['no Jinja', '{% for %}'],
    ['an open tag', '{{ messages'],
  ])('%s', (_, template) => {
    const run = () => compileChatTemplate(template).render({ messages: [user] });
    expect(run).toThrow(StudioError);
  });
});

test('loops keep what was written before they are left, and forget what they set', () => {
  const render = (template: string) => compileChatTemplate(template).render({ messages: [user, answer] }).text;
  expect(render('{% for i in range(5) %}{{ i }}{% if i == 2 %}{% break %}{% endif %},{% endfor %}')).toBe('0,1,2');
  expect(
    render('{% for i in [1, 2] %}{% if x is defined %}!{% endif %}{% set x = i %}{{ x }}{% endfor %}{{ x }}'),
  ).toBe('12');
  expect(
    render("{{ 7 / 2 }} {{ 4 / 2 }} {{ -7 % 3 }} {{ 2 ** 3 }} {{ ['a', none, true, 1.0] }} {{ {'a': \"it's\"} }}"),
  ).toBe("3.5 2.0 2 8 ['a', None, True, 1.0] {'a': \"it's\"}");
  const wrap = "{% macro wrap() %}[{{ caller('in') }}]{% endmacro %}{% call(x) wrap() %}<{{ x }}>{% endcall %}";
  expect(render(wrap)).toBe('[<in>]');
  expect(
    render('{{ messages[0].missing }}|{{ nothing }}|{{ messages[0].get("role", 1) }}|{{ "b" in ["a", "b"] }}'),
  ).toBe('||user|True');
  expect(() => render('{{ nothing.at_all }}')).toThrow(/not defined/);
});
