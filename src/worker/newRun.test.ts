// What a new run becomes: the lesson's habits where nothing was said, and a sentence for what cannot be.
import { expect, test } from 'vitest';
import type { Command } from '../protocol/commands';
import { newRunConfig } from './newRun';

type StartCommand = Extract<Command, { type: 'run.start' }>;
const command: StartCommand = { type: 'run.start', recipe: 'score', settings: {}, seed: 1, minutes: null, steps: 3 };

test('what is left out is as in the lesson', () => {
  expect(newRunConfig(command, 'dial')).toMatchObject({
    model: 'dial',
    level: 6,
    totalSteps: 3,
    minutes: null,
    evaluateEvery: 5,
    evaluationProblems: 250,
    testProblems: 1000,
    checkpointEvery: 5,
    earlyStop: null,
    settings: { problems: 64, stageOne: true },
  });
});

test('what the page chose is kept', () => {
  const earlyStop = { patience: null, ceiling: { metric: 'kl/t2', limit: 3 }, fromStep: 0 };
  const chosen = { runId: 'mine', level: 8, checkpointEvery: 2, earlyStop, model: 'dial' };
  expect(newRunConfig({ ...command, ...chosen }, 'dial')).toMatchObject({
    id: 'mine',
    level: 8,
    checkpointEvery: 2,
    earlyStop,
    model: 'dial',
  });
});

test.each<[part: Partial<StartCommand>, sentence: RegExp]>([
  [{ model: 'other' }, /expected the model "other", which it was set up for, "dial" is loaded/],
  [{ level: 3 }, /task.level: expected a whole number from 4 to 8, got 3/],
  [{ minutes: 5 }, /either minutes or steps/],
  [{ steps: 0 }, /run steps: expected a whole number from 1/],
  [{ checkpointEvery: 0.5 }, /checkpoints, every: expected a whole number/],
  [{ settings: { alpha: -1 } }, /settings\.alpha: expected 0 to 100/],
  [{ earlyStop: { patience: null, ceiling: { metric: '', limit: 1 }, fromStep: 0 } }, /ceiling\.metric/],
])('refused: %j', (part, sentence) => {
  expect(() => newRunConfig({ ...command, ...part }, 'dial')).toThrow(sentence);
});
