// The dataset that is looked at: read, mapped, cut into the tokens of the model in use, taken as JSONL.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LanguageModel } from '../models/model';
import type { StudioEvent } from '../protocol/events';
import { openChat, openTokenizer } from '../tokenizers/modelChat';
import { readTokenizerGolden } from '../tokenizers/testing/tokenizerGoldens';
import { DatasetDesk } from './datasetDesk';

const json = readTokenizerGolden('qwen-style/tokenizer.json');
const files = { kind: 'json' as const, json, config: { eos_token: '<|im_end|>' } };
const tokenizer = openTokenizer(files);
const chat = openChat(tokenizer, files, readTokenizerGolden('chat_templates.json').templates.chatml);
const architecture = { shape: { maxPositions: 60 } };
// The desk asks a model for these three things only.
const model = { id: 'tiny', tokenizer, chat, architecture } as unknown as LanguageModel;

const shares = { validation: 0, test: 50 };
const mapping = { kind: 'problem' as const, columns: { problem: 'question', answer: 'answer' } };
const source = [
  { question: 'What is 1 + 1?', answer: '1 + 1 = 2 🙂\n#### 2' },
  { question: 'And 2?', answer: '' },
  { question: 'Ten times ten?', answer: 'x'.repeat(80) },
  { question: 'What is 1 + 1?', answer: '#### 2' },
]
  .map((row) => JSON.stringify(row))
  .join('\n');

function deskWith(use: LanguageModel | null) {
  const events: StudioEvent[] = [];
  const desk = new DatasetDesk(
    () => use,
    (event) => events.push(event),
    async () => undefined,
  );
  const last = <Type extends StudioEvent['type']>(type: Type) => {
    const event = events.at(-1);
    expect(event?.type, JSON.stringify(event)).toBe(type);
    return event as Extract<StudioEvent, { type: Type }>;
  };
  return { desk, events, last };
}

test('a pasted text is read, guessed, and reported as the model sees it', async () => {
  const { desk, last } = deskWith(model);
  await desk.open({ type: 'dataset.open', requestId: 1, name: 'pasted', source });
  const { dataset } = last('dataset.opened');
  expect(dataset).toMatchObject({
    name: 'pasted',
    format: 'jsonl',
    rows: 4,
    columns: ['question', 'answer'],
    guess: mapping,
  });
  await desk.check({ type: 'dataset.check', requestId: 2, mapping, shares, offset: 0 });
  const { report } = last('dataset.checked');
  expect(report).toMatchObject({
    usable: 3,
    problemCount: 1,
    model: 'tiny',
    maxPositions: 60,
    tooLong: 1,
    unknownShare: 0,
    offset: 0,
  });
  expect(report.problems[0]).toMatchObject({ line: 2 });
  // Equal questions are in one split.
  expect([0, 1, 2].map((n) => report.splits.train === n).filter(Boolean).length).toBeLessThanOrEqual(1);
  const [row] = report.previews;
  const pieces = row.pieces ?? [];
  expect(pieces.map(({ text }) => text).join('')).toBe(chat.render(row.messages, false));
  expect(
    pieces
      .filter(({ trained }) => trained)
      .map(({ text }) => text)
      .join(''),
  ).toBe('1 + 1 = 2 🙂\n#### 2<|im_end|>');
  expect(pieces.find(({ text }) => text === '🙂')?.tokens).toBeGreaterThan(1);
  const { ids, mask } = chat.conversation(row.messages);
  expect(row.tokens).toBe(ids.length);
  expect(row.trained).toBe(mask.reduce((sum, one) => sum + one, 0));
  expect(report.lengths?.measured).toBe(3);
  expect(report.lengths?.bins.reduce((sum, n) => sum + n, 0)).toBe(3);
});

test('another row is turned to; beyond the last one stays the last', async () => {
  const { desk, last } = deskWith(model);
  await desk.open({ type: 'dataset.open', requestId: 1, name: 'x', source });
  await desk.check({ type: 'dataset.check', requestId: 2, mapping, shares, offset: 99 });
  const { report } = last('dataset.checked');
  expect(report.offset).toBe(2);
  expect(report.previews[0].line).toBe(4);
});

test('without a model the conversation is shown and nothing is measured', async () => {
  const { desk, last } = deskWith(null);
  await desk.open({ type: 'dataset.open', requestId: 1, name: 'x', source });
  await desk.check({ type: 'dataset.check', requestId: 2, mapping, shares, offset: 0 });
  const { report } = last('dataset.checked');
  expect(report).toMatchObject({ model: null, lengths: null, usable: 3 });
  expect(report.previews[0]).toMatchObject({ pieces: null, messages: [{ role: 'user' }, { role: 'assistant' }] });
});

test('a file is read by its bytes; its rows come out as JSONL with their splits', async () => {
  const { desk, last } = deskWith(model);
  const bytes = readFileSync(new URL('../data/fixtures/messages.parquet', import.meta.url));
  await desk.open({ type: 'dataset.open', requestId: 1, name: 'messages.parquet', source: new Blob([bytes]) });
  expect(last('dataset.opened').dataset.format).toBe('parquet');
  const nested = { kind: 'messages' as const, columns: { messages: 'messages' } };
  await desk.take({ type: 'dataset.take', requestId: 2, mapping: nested, shares: { validation: 0, test: 0 } });
  const { jsonl, splits } = last('dataset.taken');
  expect(splits).toEqual({ train: 6, validation: 0, test: 0 });
  const lines = jsonl
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toEqual({
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: '안녕 🙂' },
    ],
    split: 'train',
  });
});

test('what cannot be read is said; a question without an open dataset too', async () => {
  const { desk, last } = deskWith(model);
  await desk.check({ type: 'dataset.check', requestId: 1, mapping, shares, offset: 0 });
  expect(last('dataset.failed').error.message).toContain('Choose a file first');
  await desk.open({ type: 'dataset.open', requestId: 2, name: 'x', source: '{"broken"' });
  expect(last('dataset.failed')).toMatchObject({ requestId: 2, error: { kind: 'input' } });
});

test('a template that refuses a conversation is told by its line', async () => {
  const gemma = openTokenizer({ kind: 'json', json: readTokenizerGolden('gemma-style/tokenizer.json'), config: {} });
  const files2 = { kind: 'json' as const, json, config: { eos_token: '<eos>', bos_token: '<bos>' } };
  const strict = openChat(gemma, files2, readTokenizerGolden('chat_templates.json').templates.gemma);
  const { desk, last } = deskWith({
    id: 'g',
    tokenizer: gemma,
    chat: strict,
    architecture,
  } as unknown as LanguageModel);
  const rows =
    '{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}';
  await desk.open({ type: 'dataset.open', requestId: 1, name: 'x', source: rows });
  await desk.check({
    type: 'dataset.check',
    requestId: 2,
    mapping: { kind: 'messages', columns: { messages: 'messages' } },
    shares,
    offset: 0,
  });
  const { report } = last('dataset.checked');
  expect(report.problems).toEqual([{ line: 1, message: expect.stringContaining('chat template') }]);
  expect(report.previews[0].pieces).toBe(null);
});
