// Datasets of every format: what is read, what is said about lines that cannot be, what columns mean; and files that mean ill.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutateBytes, mutateText } from '../lib/testing/seededMutations';
import { countAllocations } from '../models/testing/mutations';
import { StudioError } from '../protocol/errors';
import { guessMapping, mapRows, splitOf } from './columnMapping';
import { readDatasetFile, readDatasetText } from './readDataset';

const parquet = (name: string) => new Uint8Array(readFileSync(new URL(`./fixtures/${name}.parquet`, import.meta.url)));
const shares = { validation: 5, test: 10 };
const cells = (text: string) => readDatasetText(text).rows.map(({ values }) => Object.values(values));

test('JSONL: rows with their lines; broken lines are told and left out', () => {
  const table = readDatasetText(
    '\ufeff{"question": "1+1?", "answer": "2"}\n\nnot json\n[1]\n{"question": "2+2?", "answer": "4"}\n',
  );
  expect(table).toMatchObject({ format: 'jsonl', columns: ['question', 'answer'] });
  expect(table.rows.map(({ line }) => line)).toEqual([1, 5]);
  expect(table.problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    '3: expected one JSON object in a line, got "not json".',
    '4: expected an object {…}, got "[1]".',
  ]);
  expect(() => readDatasetText('{"a": 1')).toThrow(/at least one row that can be read, got line 1/);
  expect(() => readDatasetText(' \n')).toThrow(/empty/);
});

test('a JSON list, CSV with commas, semicolons, tabs, quotes and line breaks, and plain paragraphs', () => {
  expect(cells('[{"a": 1}, {"a": 2}]')).toEqual([[1], [2]]);
  expect(cells('prompt,completion\r\n"He said ""hi"", twice",ok\r\n"two\nlines",x\r\n')).toEqual([
    ['He said "hi", twice', 'ok'],
    ['two\nlines', 'x'],
  ]);
  expect(cells('a;b\n1,5;2')).toEqual([['1,5', '2']]);
  expect(cells('a\tb\n1\t2\n')).toEqual([['1', '2']]);
  const lines = readDatasetText('a,b\n"x\ny",1\n1,2,3\n4,5\n');
  expect(lines.rows.map(({ line }) => line)).toEqual([2, 5]);
  expect(lines.problems).toEqual([{ line: 4, message: 'expected 2 cells as in the first line, got 3.' }]);
  expect(() => readDatasetText('a,a\n1,2')).toThrow(/name of its own/);
  expect(readDatasetText('One day.\nIt rained.\n\nThen not.').rows).toEqual([
    { line: 1, values: { text: 'One day.\nIt rained.' } },
    { line: 4, values: { text: 'Then not.' } },
  ]);
});

test('Parquet as pyarrow writes it: dictionaries, nulls, nested messages', async () => {
  const flat = await readDatasetFile(parquet('flat'));
  expect(flat.rows.map(({ values }) => values)).toEqual([
    { question: '1+1?', answer: '#### 2', n: 1, ok: true },
    { question: '2+2?', answer: '#### 4', n: 2, ok: false },
    { question: '3+3?', answer: '#### 6', n: 2 ** 40, ok: true },
    { question: '3+3?', answer: '#### 6', n: 4, ok: null },
    { question: null, answer: '#### 0', n: 5, ok: true },
  ]);
  const mapped = mapRows(flat, guessMapping(flat.columns) ?? { kind: 'messages', columns: {} }, shares);
  expect(mapped.examples).toHaveLength(4);
  expect(mapped.problems).toEqual([{ line: 5, message: 'expected a text as problem in "question", got null.' }]);
  const nested = await readDatasetFile(parquet('messages'));
  expect(nested.rows).toHaveLength(6);
  expect(nested.rows[0].values.messages).toEqual([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: '안녕 🙂' },
  ]);
});

test('columns are guessed by their names', () => {
  const kindOf = (...columns: string[]) => guessMapping(columns);
  expect(kindOf('question', 'answer')).toEqual({ kind: 'problem', columns: { problem: 'question', answer: 'answer' } });
  expect(kindOf('Instruction', 'output')).toEqual({
    kind: 'completion',
    columns: { prompt: 'Instruction', completion: 'output' },
  });
  expect(kindOf('id', 'conversations')).toEqual({ kind: 'messages', columns: { messages: 'conversations' } });
  expect(kindOf('chosen', 'rejected')).toEqual({
    kind: 'preference',
    columns: { chosen: 'chosen', rejected: 'rejected' },
  });
  expect(kindOf('prompt', 'chosen', 'rejected')?.columns.prompt).toBe('prompt');
  expect(kindOf('x', 'y')).toBe(null);
});

test('conversations in all their spellings, and what is wrong with a row', () => {
  const rows = [
    {
      messages: [
        { role: 'user', content: 'Q' },
        { role: 'assistant', content: 'A' },
      ],
    },
    { messages: '[{"from": "human", "value": "Q2"}, {"from": "gpt", "value": "A2"}]' },
    { messages: [{ role: 'user', content: 'only asked' }] },
    { messages: [{ role: 'robot', content: 'x' }] },
    { messages: 'no list' },
  ];
  const table = readDatasetText(rows.map((row) => JSON.stringify(row)).join('\n'));
  const { examples, problems } = mapRows(table, { kind: 'messages', columns: { messages: 'messages' } }, shares);
  expect(examples.map(({ messages }) => messages.map(({ content }) => content))).toEqual([
    ['Q', 'A'],
    ['Q2', 'A2'],
  ]);
  expect(problems.map(({ line }) => line)).toEqual([3, 4, 5]);
  expect(problems[0].message).toContain('ends with the assistant');
  expect(problems[1].message).toContain('"role":"robot"');
  const pairs = readDatasetText('{"prompt": "P", "chosen": "C", "rejected": "R"}');
  const { examples: preferred } = mapRows(
    pairs,
    guessMapping(pairs.columns) ?? { kind: 'messages', columns: {} },
    shares,
  );
  expect(preferred[0]).toMatchObject({
    messages: [
      { role: 'user', content: 'P' },
      { role: 'assistant', content: 'C' },
    ],
    rejected: [
      { role: 'user', content: 'P' },
      { role: 'assistant', content: 'R' },
    ],
  });
});

test('splits go by the question: equal ones stay together, shares are about right', () => {
  const splits = Array.from({ length: 4000 }, (_, i) => splitOf(`What is ${i} + ${i * 7}?`, shares));
  const share = (split: string) => splits.filter((one) => one === split).length / 4000;
  expect(share('test')).toBeCloseTo(0.1, 1);
  expect(share('validation')).toBeCloseTo(0.05, 1);
  expect(splitOf('same', shares)).toBe(splitOf('same', shares));
  expect(new Set(splits.map((_, i) => splitOf(`${i}`, { validation: 0, test: 0 })))).toEqual(new Set(['train']));
});

const MUTATIONS = 2000;

async function worksOrRefuses(what: string, use: () => Promise<void> | void): Promise<void> {
  try {
    await use();
  } catch (error) {
    expect(error, `${what}: ${error}`).toBeInstanceOf(StudioError);
  }
}

test.each([
  [
    'JSONL',
    '{"question": "What is 12 + 30?", "answer": "#### 42"}\n{"messages": [{"role": "user", "content": "Hi 🙂"}]}\n'.repeat(
      8,
    ),
  ],
  ['CSV', 'prompt,completion\n"He said ""hi"", twice","a\nb"\nplain,"x, y"\n'.repeat(8)],
])(
  '%s: every mutation reads, or is refused',
  async (_, source) => {
    const signs = [
      '"',
      '""',
      ',',
      '\n',
      '\r\n',
      '{',
      '}',
      '[',
      ']',
      ':',
      '\\',
      '\0',
      '\ud800',
      ';',
      '\t',
      '1e999',
      '{"a":'.repeat(2000),
      '[['.repeat(3000),
    ];
    for (let seed = 0; seed < MUTATIONS; seed++) {
      await worksOrRefuses(`seed ${seed}`, () => {
        const table = readDatasetText(mutateText(source, seed, signs));
        mapRows(
          table,
          guessMapping(table.columns) ?? { kind: 'messages', columns: { messages: table.columns[0] } },
          shares,
        );
      });
    }
  },
  60_000,
);

test('Parquet: every mutation reads, or is refused, and takes no more memory than its size allows', async () => {
  const sources = [parquet('flat'), parquet('messages')];
  let read = 0;
  for (let seed = 0; seed < MUTATIONS; seed++) {
    const file = mutateBytes(sources[seed % 2], seed);
    const { bytes } = await countAllocations(() =>
      worksOrRefuses(`seed ${seed}`, async () => {
        await readDatasetFile(file);
        read++;
      }),
    );
    expect(bytes, `seed ${seed}`).toBeLessThanOrEqual(64 * 2 ** 20 + 32 * file.length);
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(MUTATIONS);
}, 60_000);
