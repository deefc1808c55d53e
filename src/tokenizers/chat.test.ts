// The bundled tokenizer and template: ids, the assistant's mask, and the guarantees the rollouts lean on.
import { expect, test } from 'vitest';
import { CORRECTION_INSTRUCTION } from '../lib/dialProblem';
import { DIAL_CHAT_TEMPLATE, dialTokenizerJson, dialVocabulary } from '../models/dialLlama';
import { createChat } from './chat';
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
