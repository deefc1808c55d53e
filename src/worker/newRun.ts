// The configuration of a new run: what was asked for, checked, with the lesson's measuring habits filled in.
import type { Command } from '../protocol/commands';
import type { RunConfig } from '../protocol/events';
import { checkSettings } from '../protocol/fields';
import { checkFormNumber, checkLevel, LESSON_FORM } from '../protocol/runForm';
import { checkEarlyStop } from '../protocol/stopping';
import { recipeById } from '../recipes/index';

type StartCommand = Extract<Command, { type: 'run.start' }>;

/** `totalSteps` is 0 when minutes were given: they become steps once the machine has been timed. @throws RangeError */
export function newRunConfig(command: StartCommand, model: string): RunConfig {
  const { minutes, steps, recipe, seed } = command;
  const { every, problems, testProblems } = command.evaluation ?? {};
  const lesson = LESSON_FORM.evaluation;
  if ((minutes === null) === (steps === null)) {
    throw new RangeError('run: expected either minutes or steps, got both or neither. Give one of them.');
  }
  if (command.model !== undefined && command.model !== model) {
    throw new RangeError(
      `run: expected the model "${command.model}", which it was set up for, "${model}" is loaded. Load that one, or set the run up again.`,
    );
  }
  return {
    id: command.runId ?? crypto.randomUUID(),
    recipe,
    settings: checkSettings(recipeById(recipe).fields, command.settings),
    seed: checkFormNumber('seed', seed, 'run seed'),
    totalSteps: steps === null ? 0 : checkFormNumber('steps', steps, 'run steps'),
    minutes: minutes === null ? null : checkFormNumber('minutes', minutes, 'run minutes'),
    model,
    task: command.task ?? 'dial',
    level: checkLevel(command.task, command.level ?? LESSON_FORM.level),
    evaluateEvery: checkFormNumber('every', every ?? lesson.every, 'evaluation, every'),
    evaluationProblems: checkFormNumber('problems', problems ?? lesson.problems, 'evaluation, problems'),
    testProblems: checkFormNumber('testProblems', testProblems ?? lesson.testProblems, 'evaluation, test problems'),
    checkpointEvery: checkFormNumber(
      'checkpointEvery',
      command.checkpointEvery ?? LESSON_FORM.checkpointEvery,
      'checkpoints, every',
    ),
    createdAt: new Date().toISOString(),
    earlyStop: command.earlyStop ? checkEarlyStop(command.earlyStop) : null,
  };
}
