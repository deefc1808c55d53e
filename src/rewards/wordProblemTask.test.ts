// Word problems of a dataset: the shipped sample, its splits and its answers.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guessMapping, mapRows } from '../data/columnMapping';
import { readDatasetText } from '../data/readDataset';
import { CounterRng } from '../lib/counterRng';
import { isFinalAnswerRight, withoutNotes, wordProblemTask } from './wordProblemTask';

const table = readDatasetText(
  readFileSync(new URL('../../public/datasets/gsm8k-sample.jsonl', import.meta.url), 'utf8'),
);
const mapping = guessMapping(table.columns);
const { examples, problems } = mapRows(table, mapping ?? { kind: 'problem', columns: {} }, {
  validation: 10,
  test: 20,
});
const task = wordProblemTask('gsm8k', examples, 'Put the final number behind ####.');

test('the sample is whole: every row is a problem, every solution right by its own answer', () => {
  expect(examples).toHaveLength(200);
  expect(problems).toEqual([]);
  const rng = new CounterRng(1, 1);
  for (const slice of ['rl', 'validation', 'test'] as const) {
    const drawn = task.draw(rng, slice, 500);
    expect(drawn.length).toBeGreaterThan(5);
    for (const problem of drawn) {
      const solution = task.solve?.(rng, problem) ?? '';
      expect(solution).not.toContain('<<');
      expect(task.verify(problem, solution, true), solution).toMatchObject({ correct: true, wellFormed: true });
      expect(task.verify(problem, `${solution}1`, true).correct).toBe(false);
      expect(task.ask(problem).at(-1)?.content).toMatch(/####\.$/);
    }
  }
});

test('final answers: numbers with what people write beside them, and mathematics', () => {
  expect(isFinalAnswerRight('72', '72 clips.')).toBe(true);
  expect(isFinalAnswerRight('1,234', '$1234.00')).toBe(true);
  expect(isFinalAnswerRight('5', '10/2')).toBe(true);
  expect(isFinalAnswerRight('1', '1/2')).toBe(false);
  expect(isFinalAnswerRight('0.5', '\\frac{1}{2}')).toBe(true);
  expect(isFinalAnswerRight('\\frac{3}{4}', '0.75')).toBe(true);
  expect(isFinalAnswerRight('72', '-72')).toBe(false);
  expect(withoutNotes('48/2 = <<48/2=24>>24')).toBe('48/2 = 24');
});

test('without answers there is nothing to judge by', () => {
  const given = examples.map((example) => ({ ...example, answer: null }));
  expect(() => wordProblemTask('mine', given, '')).toThrow(/can be checked/);
});
