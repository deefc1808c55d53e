// The configuration of a new run: what was asked for, checked, with the lesson's measuring habits filled in.
import type { Command } from '../protocol/commands';
import type { RunConfig } from '../protocol/events';
import { checkSettings } from '../protocol/fields';
import { checkEarlyStop } from '../protocol/stopping';
import { recipeById } from '../recipes/index';

/** Six numbers: the level of the lesson. */
const LEVEL = 6;
const LESSON_MEASURES = { every: 5, problems: 250, testProblems: 1000 };
const CHECKPOINT_EVERY = 5;

type StartCommand = Extract<Command, { type: 'run.start' }>;

function whole(where: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(
    `${where}: expected a whole number from ${min} to ${max}, got ${value}. Correct it and start again.`,
  );
}

/** `totalSteps` is 0 when minutes were given: they become steps once the machine has been timed. @throws RangeError */
export function newRunConfig(command: StartCommand, model: string): RunConfig {
  const { minutes, steps, recipe, seed } = command;
  const { every, problems, testProblems } = command.evaluation ?? {};
  if ((minutes === null) === (steps === null)) {
    throw new RangeError('run: expected either minutes or steps, got both or neither. Give one of them.');
  }
  if (minutes !== null && !(minutes > 0 && minutes <= 24 * 60)) {
    throw new RangeError(
      `run minutes: expected more than 0 and at most 1440, got ${minutes}. Correct it and start again.`,
    );
  }
  return {
    id: command.runId ?? crypto.randomUUID(),
    recipe,
    settings: checkSettings(recipeById(recipe).fields, command.settings),
    seed: whole('run seed', seed, 0, 2 ** 32 - 1),
    totalSteps: steps === null ? 0 : whole('run steps', steps, 1, 1_000_000),
    minutes,
    model,
    level: whole('run level', command.level ?? LEVEL, 4, 8),
    evaluateEvery: whole('evaluation, every', every ?? LESSON_MEASURES.every, 1, 1_000_000),
    evaluationProblems: whole('evaluation, problems', problems ?? LESSON_MEASURES.problems, 1, 10_000),
    testProblems: whole('evaluation, test problems', testProblems ?? LESSON_MEASURES.testProblems, 0, 10_000),
    checkpointEvery: whole('checkpoints, every', command.checkpointEvery ?? CHECKPOINT_EVERY, 1, 1_000_000),
    createdAt: new Date().toISOString(),
    earlyStop: command.earlyStop ? checkEarlyStop(command.earlyStop) : null,
  };
}
