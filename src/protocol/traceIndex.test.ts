// A chunk's index says what the chunk says, and what the model saw is put together by the rule of the batch that was trained on.
import { expect, test } from 'vitest';
import { traceChunk } from '../app/testing/recordedLesson';
import { packTwoAttempts } from '../train/twoAttemptBatch';
import { expandTrace } from './expandTrace';
import { seenTokens } from './seenTokens';
import type { TraceChunk } from './trace';
import { bytesOfChunk, indexOfChunk } from './traceIndex';

test('an index row agrees with the readable sample', () => {
  const chunk = traceChunk(41);
  const index = indexOfChunk(chunk);
  for (let e = 0; e < chunk.episodes; e++) {
    const trace = expandTrace(chunk, e);
    const [t1, t2] = trace.attempts;
    expect([...index.correct.subarray(e * 2, e * 2 + 2)]).toEqual([Number(t1.correct), Number(t2.correct)]);
    expect([...index.lengths.subarray(e * 2, e * 2 + 2)]).toEqual([t1.tokens.length, t2.tokens.length]);
    expect(index.unchanged[e]).toBe(Number(t1.text === t2.text));
    expect(index.problem[e]).toBe(trace.problem);
  }
  // 64 episodes x 2 answers x 12 tokens x 5 columns of 4 bytes, and more
  expect(bytesOfChunk(chunk)).toBeGreaterThan(64 * 2 * 12 * 20);
  expect(index.bytes).toBe(bytesOfChunk(chunk));
  const other = indexOfChunk(traceChunk(42));
  expect(other.prompt).toEqual(index.prompt);
});

/** prompt 1 2, answers that end with 9 or are cut, follow-up 9 7 8 */
function chunkOf(first: number[], second: number[], kind: TraceChunk['kind']): TraceChunk {
  const tokens = Int32Array.from([...first, ...second]);
  const column = new Float32Array(tokens.length);
  return {
    kind,
    step: 1,
    stage: 'stage_1',
    episodes: 1,
    attempts: 2,
    prompts: ['p'],
    instruction: 'again',
    problem: Int32Array.of(0),
    first: Int32Array.of(0),
    offsets: Int32Array.of(0, first.length, tokens.length),
    tokens,
    logProb: column,
    refLogProb: column,
    kl: column,
    entropy: column,
    correct: Uint8Array.of(0, 1),
    terms: [],
    rewards: new Float32Array(0),
    advantage: Float32Array.of(0, 0),
    texts: { 1: 'one', 9: '<|end|>' },
    context: {
      offsets: Int32Array.of(0, 2),
      prompts: Int32Array.of(1, 2),
      followUp: Int32Array.of(9, 7, 8),
      targets: Uint8Array.of(1, 1),
    },
  };
}

test.each([
  { name: 'ended', first: [3, 9], second: [4, 9], finish: 'end' as const },
  { name: 'cut off', first: [3, 5], second: [4, 6], finish: 'length' as const },
])('the tokens seen are the row that was trained on, answers $name', ({ first, second, finish }) => {
  const seen = seenTokens(chunkOf(first, second, 'train'), 0) ?? [];
  const followUp = Int32Array.of(9, 7, 8);
  const turn = (ids: number[]) => ({
    tokens: Int32Array.from(ids),
    logProbs: new Float32Array(ids.length),
    entropies: new Float32Array(ids.length),
    finish,
  });
  // Only what packing reads of a model.
  const model = { chat: { endId: 9, followUp: () => followUp } } as unknown as Parameters<typeof packTwoAttempts>[0];
  const rollout = { first: [turn(first)], second: [turn(second)] } as Parameters<typeof packTwoAttempts>[2];
  const batch = packTwoAttempts(model, [Int32Array.of(1, 2)], rollout, 'again');
  const targets = seen.filter(({ trained }) => trained).map(({ id }) => id);
  expect(targets).toEqual([...batch.targets]);
  // The row holds everything but the very last token, which is predicted and never read.
  const ids = seen.map(({ id }) => id);
  expect(ids).toEqual([1, 2, ...first, ...(finish === 'end' ? [7, 8] : [9, 7, 8]), ...second]);
  expect(batch.tokens).toBe(ids.length - 1);
  expect(seen.map(({ part }) => part).filter((part) => part === 'follow_up')).toHaveLength(finish === 'end' ? 2 : 3);
});

test('a recipe that learns from second attempts only says so, and one that says nothing is not guessed for', () => {
  const chunk = chunkOf([3, 9], [4, 9], 'train');
  const { context } = chunk;
  if (!context) throw new Error('chunkOf: expected what the model read.');
  const second = { ...chunk, context: { ...context, targets: Uint8Array.of(0, 1) } };
  expect(seenTokens(second, 0)?.map(({ trained }) => trained)).toEqual([...Array(6).fill(false), true, true]);
  const unsaid = { ...chunk, context: { ...context, targets: undefined } };
  expect(seenTokens(unsaid, 0)?.map(({ trained }) => trained)).toEqual([
    false,
    false,
    null,
    null,
    false,
    false,
    null,
    null,
  ]);
});

test('nothing is trained on in an evaluation, and an older chunk says that it does not know', () => {
  const chunk = chunkOf([3, 9], [4, 9], 'eval_greedy');
  expect(seenTokens(chunk, 0)?.some(({ trained }) => trained)).toBe(false);
  expect(seenTokens(chunk, 0)?.[0]).toMatchObject({ id: 1, text: 'one', part: 'prompt' });
  expect(seenTokens({ ...chunk, context: undefined }, 0)).toBeNull();
});
