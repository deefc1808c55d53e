// What a form says of itself: its changes, its faults, and the form that repeats a run.
import { expect, test } from 'vitest';
import type { RunConfig } from './events';
import type { Field } from './fields';
import { changesOf, faultsOf, formOfRun, LESSON_FORM, type RunForm } from './runForm';

const label = { en: '', ko: '' };
const fields: Field[] = [
  { kind: 'integer', name: 'problems', default: 64, min: 1, max: 1024, unit: '', label, help: label },
  { kind: 'switch', name: 'shaping', default: true, label, help: label },
];

test('the lesson is unchanged and without a fault', () => {
  expect(changesOf(LESSON_FORM)).toEqual([]);
  expect(faultsOf(LESSON_FORM, fields)).toEqual([]);
});

test('a setting and a part of the form of the same name are told apart', () => {
  const form: RunForm = {
    ...LESSON_FORM,
    settings: { problems: 0 },
    evaluation: { ...LESSON_FORM.evaluation, problems: 0.5 },
    seed: -1,
  };
  expect(changesOf(form)).toEqual(['problems', 'run.seed', 'run.problems']);
  expect(faultsOf(form, fields).map(({ place }) => place)).toEqual(['problems', 'run.seed', 'run.problems']);
  expect(faultsOf(form, fields)[2].sentence).toBe(
    'evaluation.problems: expected a whole number from 1 to 10000, got 0.5. Correct it.',
  );
});

test('steps or minutes, not both, not neither; a number that cannot be read is a fault', () => {
  const places = (part: Partial<RunForm>) => faultsOf({ ...LESSON_FORM, ...part }, fields).map(({ place }) => place);
  expect(places({ minutes: null })).toEqual(['run.length']);
  expect(places({ steps: 3 })).toEqual(['run.length']);
  expect(places({ minutes: Number.NaN })).toEqual(['run.minutes']);
  expect(places({ level: 9 })).toEqual(['run.level']);
  expect(places({ settings: { unknown: 1 } })).toEqual(['unknown']);
});

test('a run becomes the form that repeats it: counted steps, its seed, only what differs', () => {
  const config: RunConfig = {
    id: 'run',
    recipe: 'score',
    settings: { problems: 64, shaping: false },
    seed: 9,
    totalSteps: 243,
    minutes: 5,
    model: 'dial',
    level: 5,
    evaluateEvery: 2,
    evaluationProblems: 30,
    testProblems: 0,
    checkpointEvery: 4,
    createdAt: '',
  };
  // A run of before tasks could be chosen was one of Dial.
  expect(formOfRun(config, fields)).toEqual({
    recipe: 'score',
    task: 'dial',
    level: 5,
    settings: { shaping: false },
    seed: 9,
    steps: 243,
    minutes: null,
    evaluation: { every: 2, problems: 30, testProblems: 0 },
    checkpointEvery: 4,
    earlyStop: null,
  });
});
