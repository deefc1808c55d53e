// The playground over a scripted port: two questions with one seed, alternatives for each answer, and faults that end them.
import { expect, test } from 'vitest';
import { engineStarted, problem, rightAttempt, wrongAttempt } from '../app/testing/recordedLesson';
import { scriptedPort } from '../app/testing/scriptedPort';
import { parseMessagesJsonl } from '../data/messages';
import type { StudioEvent } from '../protocol/events';
import { connectStudio } from './connection';
import { examplesAsJsonl, messagesOf } from './examples';
import { emptyLibrary } from './library';
import { readOptions } from './options';
import { isAnswering, type Question } from './playgroundSlice';

const question: Question = {
  numbers: problem,
  seed: 9,
  temperature: 0.7,
  topK: 5,
  topP: 0.9,
  runId: 'run-1',
  slot: 'best',
};

function begin() {
  const port = scriptedPort();
  const studio = connectStudio(port, emptyLibrary, readOptions(''));
  studio.playground.ask(question);
  const asked = port.posted.filter((command) => command.type === 'attempt.start');
  const state = () => studio.store.getState().playground;
  const explains = () => port.posted.filter((command) => command.type === 'tokens.explain');
  return { port, studio, asked, state, explains };
}

const choice = { text: '7', logProb: -0.1, rank: 1, entropy: 0.2, alternatives: [{ text: '7', logProb: -0.1 }] };
const finished = (requestId: number): StudioEvent => ({
  type: 'attempt.finished',
  requestId,
  attempts: [wrongAttempt, rightAttempt],
  tokensPerSecond: 900,
  tokens: [[1, 2], [3]],
});

test('both sides are asked the same, base first, with the same seed', () => {
  const { asked, state } = begin();
  expect(asked.map(({ runId }) => runId)).toEqual([null, 'run-1']);
  for (const command of asked) {
    expect(command).toMatchObject({ numbers: problem, seed: 9, temperature: 0.7, topK: 5, topP: 0.9, slot: 'best' });
  }
  expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(2);
  expect(isAnswering(state())).toBe(true);
});

test('answers stream to their side, then their alternatives are asked of the model that wrote them', () => {
  const { port, asked, state, explains } = begin();
  const [base, trained] = asked;
  port.say({ type: 'attempt.streamed', requestId: base.requestId, attempts: [{ ...wrongAttempt, finished: false }] });
  expect(state().base).toMatchObject({ status: 'streaming', attempts: [{ finished: false }] });
  expect(state().trained?.status).toBe('waiting');
  port.say(finished(base.requestId));
  expect(explains()).toMatchObject([{ runId: null, numbers: problem, temperature: 0.7, tokens: [[1, 2], [3]] }]);
  port.say(finished(trained.requestId));
  expect(explains()[1]).toMatchObject({ runId: 'run-1', slot: 'best' });
  expect(isAnswering(state())).toBe(false);
  port.say({ type: 'tokens.explained', requestId: explains()[1].requestId, attempts: [[choice, choice], [choice]] });
  expect(state().trained?.choices).toHaveLength(2);
  expect(state().base?.choices).toBeNull();
});

test('alternatives that fail leave the answer standing', () => {
  const { port, asked, state, explains } = begin();
  port.say(finished(asked[0].requestId));
  port.say({ type: 'tokens.failed', requestId: explains()[0].requestId, error: { kind: 'internal', message: 'why' } });
  expect(state().base).toMatchObject({ status: 'finished', error: { message: 'why' } });
});

test('a worker that dies fails what is open; an engine that starts anew forgets it', () => {
  const dead = begin();
  dead.port.say(finished(dead.asked[0].requestId));
  dead.port.say({ type: 'worker.failed', error: { kind: 'internal', message: 'gone' } });
  expect(dead.state()).toMatchObject({ base: { status: 'finished' }, trained: { status: 'failed' } });
  const anew = begin();
  anew.port.say(engineStarted);
  expect(anew.state()).toMatchObject({ base: null, trained: null });
});

test('the lesson does not see the playground’s answers', () => {
  const { port, studio, asked } = begin();
  port.say(finished(asked[0].requestId));
  expect(studio.store.getState().ask.asks).toEqual([]);
});

test('saved examples are read back by the reader of chat datasets', () => {
  const messages = messagesOf(problem, [wrongAttempt, rightAttempt]);
  const example = { id: 'a', savedAt: '', messages, right: [false, true], runId: null };
  const read = parseMessagesJsonl(examplesAsJsonl([example, example]));
  expect(read).toEqual([messages, messages]);
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  expect(messages[0].content).toBe('dial 7 3 11 5 2 8');
  expect(messages[3].content).toBe(rightAttempt.text);
});
