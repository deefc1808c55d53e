// Sums in plain language: drawn without overlap between slices, solved, mistaken and judged.
import { expect, test } from 'vitest';
import { arithmeticSlice } from '../data/arithmetic';
import { CounterRng } from '../lib/counterRng';
import { arithmeticTask } from './arithmeticTask';
import { lastBoxed, readFinalAnswer, readPlainNumber } from './finalAnswer';

const task = arithmeticTask({ digits: 2, differences: true });
const rng = () => new CounterRng(7, 1);

test('solutions are right, mistakes wrong, and both well-formed; slices share no sum', () => {
  const slices = (['rl', 'validation', 'test'] as const).map((slice) => task.draw(rng(), slice, 200));
  expect(slices.map((problems) => problems.length)).toEqual([200, 200, 200]);
  slices.forEach((problems, i) => {
    for (const problem of problems) {
      expect(arithmeticSlice(problem)).toBe((['rl', 'validation', 'test'] as const)[i]);
      expect(task.verify(problem, task.solve?.(rng(), problem) ?? '', true)).toMatchObject({
        correct: true,
        wellFormed: true,
      });
      expect(task.verify(problem, task.mistake?.(rng(), problem) ?? '', true)).toMatchObject({
        correct: false,
        wellFormed: true,
      });
    }
  });
  expect(task.draw(rng(), 'rl', 20)).toEqual(task.draw(rng(), 'rl', 20));
  expect(() => task.draw(rng(), 'pretrain', 1)).toThrow(/pretrain/);
});

test('a small slice gives all it has', () => {
  const all = arithmeticTask({ digits: 1, differences: false }).draw(rng(), 'validation', 1000);
  expect(new Set(all.map(({ left, right }) => `${left}+${right}`)).size).toBe(all.length);
  expect(all.length).toBeLessThan(20);
});

test('the number is read with and without its mark; of a text that was cut off only with it', () => {
  const problem = { left: 47, right: 35, sign: '+', wording: 0, who: 0, what: 0 } as const;
  const verdict = (answer: string, ended = true) => task.verify(problem, answer, ended);
  expect(task.ask(problem)[0].content).toContain('What is 47 + 35?');
  expect(verdict('47 + 35 = 82\n#### 82')).toMatchObject({ correct: true, wellFormed: true });
  expect(verdict('#### 82 apples.')).toMatchObject({ correct: true });
  expect(verdict('That makes 82.')).toMatchObject({ correct: true, wellFormed: false });
  expect(verdict('That makes 82', false)).toMatchObject({ correct: false, terms: { right_number: null } });
  expect(verdict('\\boxed{82}', false).correct).toBe(true);
  expect(verdict('82 is wrong, so #### 83')).toMatchObject({ correct: false });
  expect(verdict('')).toMatchObject({ correct: false, wellFormed: false, terms: { right_number: null, format: 0 } });
});

test('final answers as GSM8K and MATH write them', () => {
  expect(readFinalAnswer('12/60 = $0.2\n#### 1,234')).toEqual({ text: '1,234', marked: true });
  expect(readFinalAnswer('so \\boxed{\\frac{1}{2}} or \\boxed{3}')?.text).toBe('3');
  expect(readFinalAnswer('The answer is 72.')).toEqual({ text: '72', marked: true });
  expect(readFinalAnswer('nothing here')).toBe(null);
  expect(lastBoxed('\\boxed{\\frac{1}{2}}')).toBe('\\frac{1}{2}');
  expect(lastBoxed('\\boxed{1')).toBe(null);
  expect(['$1,234.50', '72.', '-3', '75\\%', 'x', ''].map(readPlainNumber)).toEqual([1234.5, 72, -3, 75, null, null]);
});
