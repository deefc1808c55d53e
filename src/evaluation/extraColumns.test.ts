// What a task tells beside the score: from a verdict to the samples' columns, their list, and the metrics of a step.
import { expect, test } from 'vitest';
import { expandTrace } from '../protocol/expandTrace';
import { bytesOfChunk, indexOfChunk } from '../protocol/traceIndex';
import { dialTask } from '../rewards/dialTask';
import { extraMeans } from '../rewards/extraMeans';
import type { Verdict } from '../rewards/task';
import { filterRows, noFilter, sortRows } from '../store/traceFilter';
import { columnNames, columnOf, tableOf } from '../store/traceTable';
import { collectTraces } from './collectTraces';

const task = dialTask(6);
const problem = { numbers: [7, 3, 11, 5, 2, 8], times: false };
const judge = (text: string) => task.verify(problem, text, true);
const right = judge('7 +3= 10 -11= 11 -5= 6 +2= 8 -8= 0');
const slipped = judge('7 +3= 10 -11= 10 -5= 6 +2= 8 -8= 0');
const short = judge('7 +3= 10');
const unread = judge('what');

function chunkOf(pairs: [Verdict, Verdict][]) {
  const attempt = (verdict: Verdict) => ({
    turn: {
      tokens: Int32Array.of(1),
      logProbs: Float32Array.of(0),
      entropies: Float32Array.of(0),
      finish: 'end' as const,
    },
    verdict,
    rewards: {},
    advantage: null,
  });
  const episodes = pairs.map((pair, e) => ({ prompt: 'p', problem: e, first: e, attempts: pair.map(attempt) }));
  const head = { kind: 'train' as const, step: 3, stage: '', instruction: '' };
  const tokenizer = { tokenText: () => 'a' };
  return collectTraces(episodes, head, tokenizer as never);
}

test('Dial tells where an answer landed, its wrong hops, and a right answer that is right', () => {
  expect(right.extra?.numbers).toEqual({ landing: 0, missed_by: 0, wrong_hops: 0, first_wrong_hop: null });
  // −11 from 10 is 11, not 10; the hop after it is wrong too, from where the hand is said to be: 10 − 5 = 5
  expect(slipped.extra?.numbers).toEqual({ landing: 0, missed_by: 0, wrong_hops: 2, first_wrong_hop: 2 });
  expect(short.extra?.numbers).toEqual({ landing: 10, missed_by: 2, wrong_hops: 0, first_wrong_hop: null });
  expect(unread.extra?.numbers).toEqual({ landing: null, missed_by: null, wrong_hops: null, first_wrong_hop: null });
  expect(short.extra?.texts.parsed_answer).toBe('10');
  expect(unread.extra?.texts.parsed_answer).toBeNull();
  for (const { extra } of [right, unread]) expect(judge(extra?.texts.solution ?? '').correct).toBe(true);
});

test('columns of samples: missing is NaN or −1, each text once; the readable sample and the list say the same', () => {
  const chunk = chunkOf([
    [slipped, right],
    [unread, short],
  ]);
  expect(chunk.extra?.names).toEqual(['landing', 'missed_by', 'wrong_hops', 'first_wrong_hop']);
  expect(chunk.extra?.texts).toEqual(['0', right.extra?.texts.solution, '10']);
  expect([...(chunk.extra?.text ?? [])]).toEqual([0, 1, 0, 1, -1, 1, 2, 1]);
  expect(expandTrace(chunk, 1).attempts.map(({ extra }) => extra)).toEqual(
    [unread, short].map(({ extra }) => ({ ...extra?.numbers, ...extra?.texts })),
  );
  const table = tableOf([indexOfChunk(chunk), indexOfChunk({ ...chunk, step: 4, extra: undefined })]);
  expect(columnNames(table)).toContain('extra/wrong_hops@2');
  expect([...columnOf(table, 'extra/wrong_hops@1')]).toEqual([2, Number.NaN, Number.NaN, Number.NaN]);
  expect([...columnOf(table, 'extra/landing@2')]).toEqual([0, 10, Number.NaN, Number.NaN]);
  const range = { column: 'extra/landing@2', min: 1, max: null };
  expect([...filterRows(table, { ...noFilter, range }).rows]).toEqual([1]);
  const all = filterRows(table, noFilter).rows;
  expect([...sortRows(table, all, { column: 'extra/landing@2', descending: true })]).toEqual([1, 0, 2, 3]);
  expect(bytesOfChunk(chunk)).toBeGreaterThan(bytesOfChunk({ ...chunk, extra: undefined }));
});

test('numbers become metrics of a step: means over the answers that have them, null where none has', () => {
  expect(extraMeans([slipped, short, unread])).toEqual({
    'extra/landing/mean': 5,
    'extra/missed_by/mean': 1,
    'extra/wrong_hops/mean': 1,
    'extra/first_wrong_hop/mean': 2,
  });
  expect(extraMeans([right])['extra/first_wrong_hop/mean']).toBeNull();
  expect(extraMeans([{ correct: true, wellFormed: true, terms: {} }])).toEqual({});
});
