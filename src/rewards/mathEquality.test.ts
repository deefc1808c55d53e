// Answer equality against sympy's and the original Python's verdicts; and what a grader must never do: throw, hang, or call unequal equal.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { mutateText } from '../lib/testing/seededMutations';
import { areHendrycksEqual, stripMathAnswer } from './hendrycksEquality';
import { areMathEqual } from './mathEquality';

interface Pair {
  category: string;
  gold: string;
  answer: string;
  equal: boolean;
  hendrycks_equal: boolean;
}

const other = process.env.GOLDENS_DIR ? join(process.env.GOLDENS_DIR, 'math/sympy_equal_pairs.json') : null;
const source =
  other && existsSync(other)
    ? readFileSync(other)
    : gunzipSync(readFileSync(new URL('./fixtures/sympy_equal_pairs.json.gz', import.meta.url)));
const pairs: Pair[] = JSON.parse(source.toString('utf8')).pairs;

test('the original rule, pair by pair', () => {
  expect(pairs.length).toBeGreaterThan(50);
  const wrong = pairs.filter(
    ({ gold, answer, hendrycks_equal }) => areHendrycksEqual(gold, answer) !== hendrycks_equal,
  );
  expect(wrong).toEqual([]);
  expect(areHendrycksEqual('\\frac', '\\frac')).toBe(true);
  expect(areHendrycksEqual('\\frac', '\\frac1')).toBe(false);
  expect(stripMathAnswer('x = 5')).toBe('5');
  expect(stripMathAnswer('\\sqrt 3')).toBe('\\sqrt{}3');
});

test('sympy’s verdict, both ways round', () => {
  const wrong = pairs.filter(
    ({ gold, answer, equal }) => areMathEqual(gold, answer) !== equal || areMathEqual(answer, gold) !== equal,
  );
  expect(wrong).toEqual([]);
});

test.each([
  ['x = 5', '5', true],
  ['20\\text{ days}', '20', true],
  ['(1, 2)', '1, 2', false],
  ['\\text{even}', '\\text{odd}', false],
  ['\\text{Monday}', '\\text{ Monday }', true],
  ['\\frac{1}{(a-b)b}', '\\frac{1}{b(a-b)}', true],
  ['\\sqrt{x^2}', 'x', false],
  ['-3 < k < 5', '(-3, 5)', true],
  ['', '', false],
  ['1', '1 + 10^{-40}', false],
])('%s and %s: %s', (gold, answer, equal) => {
  expect(areMathEqual(gold, answer)).toBe(equal);
});

test.each([
  '9^{9^{9^{9}}}',
  `${'('.repeat(300)}1`,
  '500!^{5000}',
  'e^{e^{e^{e^{e}}}}',
  '\\frac{1}{0}',
  '\\ln 0',
  '|'.repeat(100),
  '\\pm'.repeat(30),
  '1,'.repeat(190),
  '\\sqrt'.repeat(60),
  'x'.repeat(5000),
])('%s neither throws nor lasts', (answer) => {
  expect(areMathEqual('2', answer)).toBe(false);
});

test('2,000 mutations of answers: always a verdict, and the same both ways round', () => {
  const signs = [
    '{',
    '}',
    '\\frac',
    '\\sqrt',
    '^',
    '_',
    '(',
    ')',
    '\\pm',
    '\\cup',
    ',',
    '=',
    '|',
    '!',
    '9',
    '\\infty',
    '\\text{',
    '%',
    '<',
    '\\begin{pmatrix}',
  ];
  for (let seed = 0; seed < 2000; seed++) {
    const { gold } = pairs[seed % pairs.length];
    const mutated = mutateText(gold, seed, signs);
    expect(areMathEqual(gold, mutated), `${gold} | ${mutated}`).toBe(areMathEqual(mutated, gold));
  }
}, 60_000);
