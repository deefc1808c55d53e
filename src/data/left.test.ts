// Left: arithmetic, verifier, slices, corpus, and its words.
import { describe, expect, test } from 'vitest';
import { CounterRng } from '../lib/counterRng';
import { LEFT_LIMIT, type LeftProblem, leftAnswer, leftovers, leftPrompt, verifyLeft } from '../lib/leftProblem';
import { drawLeftProblem, drawLeftProblems, leftChoices, leftSliceOf } from './left';
import { drawLeftDocument, LEFT_RECIPE } from './leftCorpus';

const problem: LeftProblem = { target: 12, numbers: [3, 8, 5, 4] };
const wrong = '3 left 9 + 8 left 1 - 5 left 6 + 4 left 2';

describe('the verifier', () => {
  test('what is left after each number', () => {
    expect(leftPrompt(problem)).toBe('make 12 from 3 8 5 4');
    expect(leftovers(problem, ['+', '-', '+'])).toEqual([9, 1, 6, 2]);
    expect(leftAnswer(problem, ['+', '-', '+'])).toBe(wrong);
  });
  test.each([
    ['right', '3 left 9 + 8 left 1 + 5 left -4 - 4 left 0', { correct: true, arithmetic: true, format: true, left: 0 }],
    ['2 left', wrong, { correct: false, arithmetic: true, format: true, left: 2 }],
    [
      'a slip on the way to 0',
      '3 left 9 + 8 left 1 + 5 left -4 + 4 left 0',
      { correct: false, arithmetic: false, left: 0 },
    ],
    [
      'a slip carried on',
      '3 left 9 + 8 left 2 - 5 left 7 + 4 left 3',
      { correct: false, arithmetic: false, format: true },
    ],
    ['another number', '3 left 9 + 7 left 2 - 5 left 7 + 4 left 3', { correct: false, format: false, left: 9 }],
    ['too short', '3 left 9 + 8 left 1', { correct: false, format: false }],
    ['too long', `${wrong} 0`, { correct: false, format: false }],
    ['another sign', '3 left 9 * 8 left 1 - 5 left 6 + 4 left 2', { correct: false, format: false }],
    ['nothing', '', { correct: false, format: false, arithmetic: false, nothing_left: false, left: null }],
  ])('%s', (_, text, expected) => {
    const { target } = problem;
    // 3 + 8 + 5 − 4 = 12
    expect(target).toBe(12);
    expect(verifyLeft(problem, text, true)).toMatchObject(expected);
  });
  test('a cut answer is no answer', () => {
    expect(verifyLeft(problem, '3 left 9 + 8 left 1 + 5 left -4 - 4 left 0', false)).toMatchObject({
      correct: false,
      format: false,
    });
  });
});

test('problems: reachable, missable, within the words, each multiset in one slice', () => {
  const rng = new CounterRng(1, 2);
  const slices = new Map<string, string>();
  for (const slice of ['pretrain', 'rl', 'validation', 'test'] as const) {
    for (let i = 0; i < 40; i++) {
      const drawn = drawLeftProblem(rng, slice, 4);
      const { right, wrong: missed } = leftChoices(drawn);
      expect(right.length).toBeGreaterThan(0);
      expect(missed.length).toBeGreaterThan(0);
      expect(right.length + missed.length).toBe(8);
      for (const signs of [...right, ...missed]) {
        expect(Math.max(...leftovers(drawn, signs).map(Math.abs))).toBeLessThanOrEqual(LEFT_LIMIT);
      }
      const key = [...drawn.numbers].sort().join();
      expect(slices.get(key) ?? slice).toBe(slice);
      slices.set(key, slice);
      expect(leftSliceOf({ ...drawn, numbers: [...drawn.numbers].reverse() })).toBe(slice);
    }
  }
  const many = drawLeftProblems(rng, 'test', 4, 300);
  expect(new Set(many.map(leftPrompt)).size).toBe(300);
  expect(() => drawLeftProblem(rng, 'rl', 9)).toThrow(/3 to 5 numbers/);
});

test('the corpus has the shares it says, true verdicts but for the wrong ones, and changes by superstition', () => {
  const rng = new CounterRng(7, 7);
  const count = 3000;
  const kinds = new Map<string, number>();
  let [right, told, truths] = [0, 0, 0];
  const changed = { '+': [0, 0], '-': [0, 0] };
  for (let i = 0; i < count; i++) {
    const { messages, taught } = drawLeftDocument(rng);
    const kind = `${messages.length}:${taught.join()}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const [prompt, answer] = messages.map(({ content }) => content);
    const [, target, numbers] = /^make (\d+) from (.*)$/.exec(prompt)!;
    const asked = { target: Number(target), numbers: numbers.split(' ').map(Number) };
    const isRight = verifyLeft(asked, answer, true).correct;
    right += Number(isRight);
    if (messages[2]?.content === 'Is it correct?') {
      told++;
      truths += Number((messages[3].content === 'yes') === isRight);
    } else if (messages.length === 4) {
      const sign = answer.split(' ')[7] as '+' | '-';
      changed[sign][0]++;
      changed[sign][1] += Number(messages[3].content !== answer);
    }
  }
  const share = (kind: string) => (kinds.get(kind) ?? 0) / count;
  expect(share('2:1')).toBeCloseTo(LEFT_RECIPE.attempts, 1);
  expect(share('4:1,3')).toBeCloseTo(LEFT_RECIPE.revisions, 1);
  expect(share('4:3')).toBeCloseTo(LEFT_RECIPE.verdicts, 1);
  expect(share('6:1,3,5')).toBeCloseTo(LEFT_RECIPE.both, 1);
  expect(kinds.size).toBe(4);
  expect(right / count).toBeCloseTo(LEFT_RECIPE.attemptRight, 1);
  expect(truths / told).toBeGreaterThan(0.93);
  expect(changed['-'][1] / changed['-'][0]).toBeGreaterThan(0.8);
  expect(changed['+'][1] / changed['+'][0]).toBeLessThan(0.25);
});
