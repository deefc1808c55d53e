// What a run can be asked to do, as a form: drawn on the page, kept as a preset, exported and imported. Settings that are left out
// have the recipe's default, so that a form says what was changed.
import type { Command } from './commands';
import type { RunConfig } from './events';
import { checkSettings, type Field, type Settings } from './fields';
import { checkEarlyStop, type EarlyStop } from './stopping';

/** A command to start a run, as it waits in the queue. */
export type RunRequest = Omit<Extract<Command, { type: 'run.start' }>, 'type'> & { runId: string };

/** What is practised: Dial and Left for the models that come with the page, sums in plain language for models that read English. */
export type TaskName = 'dial' | 'left' | 'arithmetic';

/** How hard a task's problems may be: amount of numbers of a Dial or Left problem, digits of both numbers of a sum. */
export const TASK_LEVELS: Record<TaskName, readonly number[]> = {
  dial: [4, 5, 6, 7, 8],
  left: [4],
  arithmetic: [1, 2, 3, 4],
};

export interface RunForm {
  recipe: string;
  /** Left out in forms kept by an earlier version of the page: Dial. */
  task?: TaskName;
  /** One of the task's `TASK_LEVELS`. */
  level: number;
  /** Only what differs from the recipe's defaults. */
  settings: Settings;
  /** null: a new one each time. */
  seed: number | null;
  /** Exactly one of both is a number. */
  steps: number | null;
  minutes: number | null;
  evaluation: { every: number; problems: number; testProblems: number };
  checkpointEvery: number;
  earlyStop: EarlyStop | null;
}

/** The run of the lesson. */
export const LESSON_FORM: RunForm = {
  recipe: 'score',
  task: 'dial',
  level: 6,
  settings: {},
  seed: null,
  steps: null,
  minutes: 5,
  evaluation: { every: 5, problems: 250, testProblems: 1000 },
  checkpointEvery: 5,
  earlyStop: null,
};

/** From and to, both allowed; whole numbers but for minutes. */
export const FORM_RANGES = {
  seed: [0, 2 ** 32 - 1],
  steps: [1, 1_000_000],
  minutes: [0.1, 24 * 60],
  every: [1, 1_000_000],
  problems: [1, 10_000],
  testProblems: [0, 10_000],
  checkpointEvery: [1, 1_000_000],
} as const;

export type FormNumber = keyof typeof FORM_RANGES;

/** A number as the form allows it. @throws RangeError: where, expected, came, what to do */
export function checkFormNumber(name: FormNumber, value: unknown, where: string = name): number {
  const [min, max] = FORM_RANGES[name];
  const isWhole = name !== 'minutes';
  if (typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  throw new RangeError(
    `${where}: expected a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}, got ${shown(value)}. Correct it.`,
  );
}

/** @throws RangeError naming the task's levels */
export function checkLevel(task: TaskName = 'dial', level: unknown): number {
  const levels = TASK_LEVELS[task];
  const found = levels.find((known) => known === level);
  if (found !== undefined) return found;
  throw new RangeError(
    `task.level: expected a whole number from ${levels[0]} to ${levels[levels.length - 1]}, got ${shown(level)}. Correct it.`,
  );
}

/** What came, in few characters, whatever it was. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'a group of values' : String(value);
}

/** Places of what differs from the lesson's run with the same recipe, named as in `faultsOf`. */
export function changesOf(form: RunForm): string[] {
  const { evaluation, earlyStop } = form;
  const parts: [name: string, isChanged: boolean][] = [
    ['run.level', form.level !== LESSON_FORM.level || (form.task ?? 'dial') !== 'dial'],
    ['run.length', form.steps !== LESSON_FORM.steps || form.minutes !== LESSON_FORM.minutes],
    ['run.seed', form.seed !== LESSON_FORM.seed],
    ['run.every', evaluation.every !== LESSON_FORM.evaluation.every],
    ['run.problems', evaluation.problems !== LESSON_FORM.evaluation.problems],
    ['run.testProblems', evaluation.testProblems !== LESSON_FORM.evaluation.testProblems],
    ['run.checkpointEvery', form.checkpointEvery !== LESSON_FORM.checkpointEvery],
    ['run.earlyStop', earlyStop !== null],
  ];
  return [...Object.keys(form.settings), ...parts.filter(([, isChanged]) => isChanged).map(([name]) => name)];
}

/** The form that repeats a run: its steps as they were counted, its seed. */
export function formOfRun(config: RunConfig, fields: readonly Field[]): RunForm {
  const defaults = new Map(fields.map((field) => [field.name, field.default]));
  return {
    recipe: config.recipe,
    task: config.task ?? 'dial',
    level: config.level,
    settings: Object.fromEntries(
      Object.entries(config.settings).filter(([name, value]) => defaults.get(name) !== value),
    ),
    seed: config.seed,
    steps: config.totalSteps,
    minutes: null,
    evaluation: {
      every: config.evaluateEvery,
      problems: config.evaluationProblems,
      testProblems: config.testProblems ?? LESSON_FORM.evaluation.testProblems,
    },
    checkpointEvery: config.checkpointEvery,
    earlyStop: config.earlyStop ?? null,
  };
}

/** Every fault of a form: its place (a setting's name, or `run.` and a part of the form) and a sentence. Empty = it can start. */
export function faultsOf(form: RunForm, fields: readonly Field[]): { place: string; sentence: string }[] {
  const faults: { place: string; sentence: string }[] = [];
  const attempt = (place: string, check: () => unknown) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      faults.push({ place, sentence: error.message });
    }
  };
  attempt('run.level', () => checkLevel(form.task, form.level));
  for (const [name, value] of Object.entries(form.settings)) {
    const own = fields.filter((field) => field.name === name);
    attempt(name, () => checkSettings(own.length > 0 ? own : fields, { [name]: value }));
  }
  if ((form.steps === null) === (form.minutes === null)) {
    faults.push({ place: 'run.length', sentence: 'length: expected either steps or minutes. Give one of them.' });
  }
  if (form.steps !== null) attempt('run.steps', () => checkFormNumber('steps', form.steps));
  if (form.minutes !== null) attempt('run.minutes', () => checkFormNumber('minutes', form.minutes));
  if (form.seed !== null) attempt('run.seed', () => checkFormNumber('seed', form.seed));
  for (const name of ['every', 'problems', 'testProblems'] as const) {
    attempt(`run.${name}`, () => checkFormNumber(name, form.evaluation[name], `evaluation.${name}`));
  }
  attempt('run.checkpointEvery', () => checkFormNumber('checkpointEvery', form.checkpointEvery));
  attempt('run.earlyStop', () => form.earlyStop && checkEarlyStop(form.earlyStop));
  return faults;
}
