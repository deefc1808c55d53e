// A conversation over a scripted worker: both sides hear the same words and their own answers; stopping, asking again, editing.
import { expect, test } from 'vitest';
import { engineStarted, modelLoaded } from '../app/testing/recordedLesson';
import { scriptedPort } from '../app/testing/scriptedPort';
import type { Command } from '../protocol/commands';
import { connectStudio } from './connection';
import { emptyLibrary } from './library';
import { readOptions } from './options';

type Start = Extract<Command, { type: 'chat.start' }>;

function bench() {
  const port = scriptedPort();
  const studio = connectStudio(port, emptyLibrary, readOptions(''));
  port.say(engineStarted, modelLoaded);
  const starts = () => port.posted.filter((command): command is Start => command.type === 'chat.start');
  const answer = (requestId: number, text: string) =>
    port.say({
      type: 'chat.finished',
      requestId,
      text,
      tokens: [{ id: 5, text, logProb: -0.5 }],
      finish: 'end',
      promptTokens: 9,
      promptSeconds: 0.1,
      tokensPerSecond: 20,
    });
  const said = (command: Start) => command.lines.map(({ role, content }) => `${role}: ${content}`);
  return { port, studio, starts, answer, said, chat: () => studio.store.getState().chat };
}

test('both sides hear the same words and each its own answers; the system speaks first', () => {
  const { studio, starts, answer, said, chat } = bench();
  studio.chat.change({ system: 'Be brief.', seed: 4 });
  studio.chat.compareWith('run-1');
  studio.chat.ask('2 + 2?');
  const [base, trained] = starts();
  expect([base.runId, trained.runId]).toEqual([null, 'run-1']);
  expect(said(base)).toEqual(['system: Be brief.', 'user: 2 + 2?']);
  expect(base).toMatchObject({ seed: 4, temperature: 0, maxTokens: 256 });
  // Nothing else can be said meanwhile.
  studio.chat.ask('and now?');
  expect(starts()).toHaveLength(2);
  answer(base.requestId, '5');
  answer(trained.requestId, '4');
  expect(chat().turns[0].base).toMatchObject({ status: 'finished', text: '5', tokensPerSecond: 20 });
  studio.chat.tryAgain();
  const [, , again, trainedAgain] = starts();
  expect(said(again)).toEqual([
    'system: Be brief.',
    'user: 2 + 2?',
    'assistant: 5',
    `user: ${chat().settings.instruction}`,
  ]);
  expect(said(trainedAgain)[2]).toBe('assistant: 4');
});

test('streamed text stands there, stop is asked for once per open answer', () => {
  const { port, studio, starts, chat } = bench();
  studio.chat.ask('hello');
  const [{ requestId }] = starts();
  port.say({ type: 'chat.streamed', requestId, text: 'Hel' });
  expect(chat().turns[0].base).toMatchObject({ status: 'writing', text: 'Hel' });
  studio.chat.stop();
  expect(port.posted.at(-1)).toEqual({ type: 'chat.stop', requestId });
});

test('answering anew draws another answer; editing a line forgets what followed; a failed turn is not part of what was said', () => {
  const { port, studio, starts, answer, said, chat } = bench();
  studio.chat.change({ temperature: 0.7, seed: 1 });
  studio.chat.ask('one');
  answer(starts()[0].requestId, 'first');
  studio.chat.regenerate();
  expect(starts()[1]).toMatchObject({ seed: 2, lines: [{ role: 'user', content: 'one' }] });
  answer(starts()[1].requestId, 'second');
  expect(chat().turns).toHaveLength(1);
  studio.chat.ask('two');
  const error = { kind: 'input' as const, message: 'chat: too long' };
  port.say({ type: 'chat.failed', requestId: starts()[2].requestId, error });
  studio.chat.ask('three');
  expect(said(starts()[3])).toEqual(['user: one', 'assistant: second', 'user: three']);
  answer(starts()[3].requestId, 'third');
  studio.chat.edit(chat().turns[0].id, 'uno');
  expect(said(starts()[4])).toEqual(['user: uno']);
  expect(chat().turns).toHaveLength(1);
});

test('a worker that dies fails what is open; another model has said nothing', () => {
  const { port, studio, starts, answer, chat } = bench();
  studio.chat.ask('one');
  answer(starts()[0].requestId, 'first');
  studio.chat.ask('two');
  port.say({ type: 'worker.failed', error: { kind: 'internal', message: 'worker: gone' } });
  expect(chat().turns.map(({ base }) => base.status)).toEqual(['finished', 'failed']);
  port.say(modelLoaded);
  expect(chat().turns).toEqual([]);
});

test('an adapter of files answers beside the base once it is open, and goes with the model', () => {
  const { port, studio, starts, chat } = bench();
  studio.chat.openAdapter([new File(['{}'], 'adapter_config.json'), new File(['x'], 'adapter_model.safetensors')]);
  const asked = port.posted.at(-1);
  if (asked?.type !== 'adapter.open') throw new Error('nothing was opened');
  expect(asked.files.map(({ path }) => path)).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
  const { requestId } = asked;
  port.say({ type: 'adapter.refused', requestId, error: { kind: 'model', message: 'adapter: of another model' } });
  expect(chat().adapterError?.message).toBe('adapter: of another model');
  expect(chat().runId).toBeNull();
  const adapter = { id: 'adapter:mine', name: 'mine', modules: 7, rank: 4 };
  port.say({ type: 'adapter.opened', requestId, adapter });
  expect(chat()).toMatchObject({ adapters: [adapter], adapterError: null, runId: 'adapter:mine' });
  studio.chat.ask('one');
  expect(starts().map(({ runId }) => runId)).toEqual([null, 'adapter:mine']);
  port.say(modelLoaded);
  expect(chat()).toMatchObject({ adapters: [], runId: null, turns: [] });
});

test('a model is looked at before it is loaded; what is kept is listed anew after loading', () => {
  const { port, studio } = bench();
  const models = () => studio.store.getState().models;
  const place = { host: 'https://hub.test', repo: 'a/b', revision: 'main', file: null };
  const source = { kind: 'hub' as const, place, token: 'secret' };
  studio.models.list();
  studio.models.look(source, 'a/b');
  const asked = port.posted.at(-1);
  expect(asked).toMatchObject({ type: 'model.estimate', source });
  const requestId = models().looked?.requestId ?? -1;
  const estimate = {
    name: 'b',
    architecture: 'llama',
    parameters: 5,
    fetchBytes: 10,
    residentBytes: 20,
    limitBytes: 100,
    licence: null,
    obstacle: null,
    choices: [],
  };
  port.say({ type: 'model.estimated', requestId: requestId - 1, estimate });
  expect(models().looked?.estimate).toBeNull();
  port.say({ type: 'model.estimated', requestId, estimate }, { type: 'models.listed', models: [] });
  expect(models()).toMatchObject({ cached: [], looked: { estimate } });
  // The usual way is too large: the first that fits is proposed, and can be changed.
  const holdings = [
    { holding: 'stored' as const, bytes: 200, fits: false },
    { holding: 'Q8_0' as const, bytes: 90, fits: true },
    { holding: 'Q4_0' as const, bytes: 50, fits: true },
  ];
  port.say({ type: 'model.estimated', requestId, estimate: { ...estimate, holdings } });
  expect(models().looked?.holding).toBe('Q8_0');
  studio.models.hold('Q4_0');
  studio.models.take();
  expect(port.posted.at(-1)).toEqual({ type: 'model.load', source, holding: 'Q4_0' });
  expect(models().looked).toBeNull();
  port.say({
    type: 'model.progressed',
    loadedBytes: 5,
    totalBytes: 10,
    phase: 'reading',
    bytesPerSecond: 2,
    secondsLeft: 3,
  });
  expect(studio.store.getState().model).toMatchObject({ phaseOfLoading: 'reading', bytesPerSecond: 2, secondsLeft: 3 });
  port.say({ ...modelLoaded });
  expect(port.posted.filter(({ type }) => type === 'models.list')).toHaveLength(2);
});
