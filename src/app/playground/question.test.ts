// The question in the address: what is written is read back, and what is unreadable counts as not given.
import { expect, test } from 'vitest';
import { hrefOf, readPlace } from '../place';
import { type AskedFor, isSameQuestion, NO_RUN, readQuestion, toQuestion, writeQuestion } from './question';

const full: AskedFor = {
  numbers: [7, 3, 11],
  run: 'run 1',
  slot: 'best',
  seed: 4,
  temperature: 0.7,
  topK: 5,
  topP: 0.9,
};
const throughTheAddress = (question: AskedFor) =>
  readQuestion(readPlace(hrefOf('playground', question.run, writeQuestion(question))));

test('an address and its question are the same thing', () => {
  expect(throughTheAddress(full)).toEqual(full);
  const editing = { ...full, numbers: [7, Number.NaN, 11] };
  expect(throughTheAddress(editing)).toEqual(editing);
});

test('what is as usual is left out of the address', () => {
  const usual = { slot: 'last', seed: 1, temperature: 0, topK: 0, topP: 1 } as const;
  expect(hrefOf('playground', NO_RUN, writeQuestion({ ...usual, numbers: [1, 2, 3] }))).toBe(
    '#/playground/base?n=1.2.3&seed=1',
  );
  expect(readQuestion(readPlace('#/playground'))).toEqual({ ...usual, numbers: null, run: null });
});

test('what is out of range or no number counts as not given', () => {
  const { numbers, seed, temperature, topK, topP, slot } = readQuestion(
    readPlace('#/playground?n=1.2&seed=-3&t=900&k=x&p=0&slot=first'),
  );
  expect([numbers, seed, temperature, topK, topP, slot]).toEqual([null, 1, 0, 0, 1, 'last']);
});

test('only numbers of the dial can be asked', () => {
  expect(toQuestion(full, 'run 1')).toMatchObject({ numbers: [7, 3, 11], runId: 'run 1', temperature: 0.7 });
  for (const wrong of [
    [7, 12, 3],
    [7, Number.NaN, 3],
    [0, 1, 2],
  ]) {
    expect(toQuestion({ ...full, numbers: wrong }, null)).toBeNull();
  }
  const a = toQuestion(full, null);
  const b = toQuestion({ ...full, numbers: [7, 3, 10] }, null);
  if (!a || !b) throw new Error('both can be asked');
  expect(isSameQuestion(a, { ...a, numbers: [...a.numbers] })).toBe(true);
  expect(isSameQuestion(a, b)).toBe(false);
  expect(isSameQuestion(a, { ...a, slot: 'last' })).toBe(false);
});
