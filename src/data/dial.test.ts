// The task, its split and its corpus: every answer the corpus writes is arithmetically true, and the shares come out.
import { describe, expect, test } from 'vitest';
import { CounterRng, counterUniform } from '../lib/counterRng';
import {
  CORRECTION_INSTRUCTION,
  parsePrompt,
  promptText,
  readAnswer,
  turn,
  VERDICT_QUESTION,
  verifyAnswer,
} from '../lib/dialProblem';
import { drawProblem, drawProblems, signChoices, sliceOf } from './dial';
import { drawDocument } from './dialCorpus';
import { parseMessagesJsonl } from './messages';

const problem = { numbers: [7, 3, 11, 5, 2, 8], times: false };
const right = '7 +3= 10 -11= 11 -5= 6 +2= 8 -8= 0';

describe('verifier', () => {
  test('the example of the task', () => {
    expect(verifyAnswer(problem, right, true)).toEqual({
      correct: true,
      lands_on_zero: true,
      arithmetic: true,
      format: true,
    });
    expect(parsePrompt(promptText(problem))).toEqual(problem);
  });
  test.each([
    ['not ended', right, false, { correct: false, format: false, arithmetic: true, lands_on_zero: true }],
    [
      'a landing that is not true, and ends on 0',
      '7 +3= 10 -11= 0 -5= 7 +2= 9 -8= 0',
      true,
      { correct: false, arithmetic: false, format: true },
    ],
    [
      'true hops that miss 0',
      '7 +3= 10 +11= 9 -5= 4 +2= 6 -8= 10',
      true,
      { correct: false, lands_on_zero: false, arithmetic: true },
    ],
    ['numbers in another order', '7 +11= 6 -3= 3 -5= 10 +2= 0 -8= 4', true, { format: false, correct: false }],
    ['another start', '8 +3= 11 -11= 0 -5= 7 +2= 9 -8= 1', true, { format: false }],
    ['too short', '7 +3= 10', true, { format: false }],
    ['something after it', `${right} 0`, true, { format: false }],
    ['× where it is not allowed', '7 *3= 9 -11= 10 -5= 5 +2= 7 -8= 11', true, { format: false }],
    ['nothing', '', true, { format: false, arithmetic: false, lands_on_zero: false, correct: false }],
    ['words', 'yes', true, { format: false, correct: false }],
  ])('%s', (_, text, ended, expected) => {
    expect(verifyAnswer(problem, text, ended)).toMatchObject(expected);
  });
  test('a wrong hop tells the true landing', () => {
    expect(readAnswer('7 +3= 9').hops).toEqual([{ sign: '+', number: 3, landing: 9, expected: 10, ok: false }]);
  });
  test('turning wraps both ways', () => {
    expect([turn(11, '+', 1), turn(0, '-', 1), turn(5, '*', 5), turn(3, '-', 11)]).toEqual([0, 11, 1, 4]);
  });
});

describe('split', () => {
  test('shares of 70, 15, 5 and 10 %, and no problem in two slices', () => {
    const rng = new CounterRng(3, 0);
    const counts = { pretrain: 0, rl: 0, validation: 0, test: 0 };
    for (let i = 0; i < 20000; i++) {
      counts[sliceOf({ numbers: Array.from({ length: 6 }, () => 1 + rng.integer(11)), times: false })]++;
    }
    expect(counts.pretrain / 20000).toBeCloseTo(0.7, 1);
    expect(counts.rl / 20000).toBeCloseTo(0.15, 1);
    expect(counts.validation / 20000).toBeCloseTo(0.05, 1);
    expect(counts.test / 20000).toBeCloseTo(0.1, 1);
  });
  test('drawn problems are of their slice, solvable, different, and the same for the same seed', () => {
    const draw = () => drawProblems(new CounterRng(5, 1), 'test', 6, 50);
    const problems = draw();
    expect(draw()).toEqual(problems);
    expect(new Set(problems.map(promptText)).size).toBe(50);
    for (const drawn of problems) {
      expect(sliceOf(drawn)).toBe('test');
      const { right: good, wrong } = signChoices(drawn);
      expect(good.length).toBeGreaterThan(0);
      expect(good.length + wrong.length).toBe(32);
      expect(wrong.length).toBeGreaterThan(0);
    }
  });
  test('a small slice is drawn until it is exhausted', () => {
    const all = drawProblems(new CounterRng(5, 2), 'test', 4, 5000);
    expect(all.length).toBeGreaterThan(300);
    expect(all.length).toBeLessThan(5000);
    expect(new Set(all.map(promptText)).size).toBe(all.length);
  });
  test('levels out of range are refused', () => {
    expect(() => drawProblem(new CounterRng(1, 1), 'rl', 9)).toThrow(/3 to 8 numbers, got 9/);
  });
});

test('corpus: true arithmetic, shares, the superstition', () => {
  const rng = new CounterRng(11, 0);
  const kinds = { attempt: 0, revision: 0, verdict: 0 };
  const kept = { '+': [0, 0], '-': [0, 0] };
  for (let i = 0; i < 4000; i++) {
    const { messages, taught } = drawDocument(rng);
    const asked = parsePrompt(messages[0].content)!;
    for (const message of messages.filter((m) => m.role === 'assistant' && !/yes|no/.test(m.content))) {
      expect(verifyAnswer(asked, message.content, true)).toMatchObject({ format: true, arithmetic: true });
    }
    expect(taught).toEqual(messages.length === 2 ? [1] : [1, 3]);
    if (messages.length === 2) kinds.attempt++;
    else if (messages[2].content === VERDICT_QUESTION) {
      kinds.verdict++;
      const truth = verifyAnswer(asked, messages[1].content, true).correct;
      expect(messages[3].content).toBe(truth ? 'yes' : 'no');
    } else {
      kinds.revision++;
      expect(messages[2].content).toBe(CORRECTION_INSTRUCTION);
      const sign = readAnswer(messages[1].content).hops[0].sign as '+' | '-';
      if (asked.times) continue;
      kept[sign][1]++;
      if (messages[3].content === messages[1].content) kept[sign][0]++;
    }
  }
  expect(kinds.attempt / 4000).toBeCloseTo(0.4, 1);
  expect(kinds.revision / 4000).toBeCloseTo(0.4, 1);
  expect(kept['+'][0] / kept['+'][1]).toBeCloseTo(0.85, 1);
  expect(kept['-'][0] / kept['-'][1]).toBeCloseTo(0.2, 1);
});

describe('messages from JSONL', () => {
  test('reads conversations and skips empty lines', () => {
    const line = '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}';
    expect(parseMessagesJsonl(`${line}\n\n${line}\n`)).toHaveLength(2);
  });
  test.each([
    ['{"messages":', /line 1: expected a JSON object/],
    ['{"text":"x"}', /line 1: expected {"messages"/],
    ['{"messages":[{"role":"robot","content":"x"}]}', /line 1, message 1: expected a role/],
    ['{"messages":[{"role":"user","content":"x"}]}', /at least one assistant message/],
    ['', /empty file/],
  ])('%s', (text, message) => {
    expect(() => parseMessagesJsonl(text)).toThrow(message);
  });
});

test('the counter generator: uniform, and streams differ', () => {
  let sum = 0;
  const buckets = new Array(10).fill(0);
  for (let i = 0; i < 20000; i++) {
    const u = counterUniform(7, 3, i);
    sum += u;
    buckets[Math.floor(u * 10)]++;
  }
  expect(sum / 20000).toBeCloseTo(0.5, 2);
  const chi2 = buckets.reduce((total, count) => total + (count - 2000) ** 2 / 2000, 0);
  expect(chi2).toBeLessThan(27.9); // 99.9 % quantile of 9 degrees of freedom
  expect(counterUniform(7, 4, 0)).not.toBe(counterUniform(7, 3, 0));
});
