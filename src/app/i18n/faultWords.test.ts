// Faults of imported files in Korean: the sentences are made by the code that makes them, so that a new form is noticed.
import 'fake-indexeddb/auto';
import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../store/configurationFile';
import type { Studio } from '../../store/connection';
import { bringRunsIn } from '../../store/keeping';
import { recipesListed } from '../testing/recordedLesson';
import { faultIn } from './faultWords';

const recipes =
  recipesListed.type === 'recipes.listed'
    ? recipesListed.recipes.map((recipe) => ({
        ...recipe,
        fields: [
          {
            kind: 'number' as const,
            name: 'alpha',
            default: 10,
            min: 0,
            max: 100,
            unit: '',
            label: recipe.title,
            help: recipe.title,
          },
          { kind: 'switch' as const, name: 'plus', default: false, label: recipe.title, help: recipe.title },
        ],
      }))
    : [];

async function sentencesOf(content: unknown, name = 'a.json'): Promise<string[]> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return readConfiguration(text, name, recipes).then(
    () => [],
    (fault: { sentences: string[] }) => fault.sentences,
  );
}

const whole = { format: 'second-thought.run', version: 1, recipe: 'score', steps: 4 };
const broken: unknown[] = [
  '{',
  'a: [',
  [],
  { ...whole, version: 3 },
  { ...whole, recipe: 'none', colour: 1 },
  { ...whole, recipe: 7, steps: 'many', minutes: 3 },
  { ...whole, steps: 0.5, seed: -1, task: { name: 'left', level: 99 } },
  { ...whole, settings: { alpha: 500, plus: 3, beta: [] } },
  { ...whole, settings: { alpha: { a: 1 } }, evaluation: { every: 0, problems: 'x' }, checkpointEvery: null },
  { ...whole, earlyStop: { patience: { metric: '', evaluations: 0, minDelta: -1 }, ceiling: {}, fromStep: -1 } },
  { ...whole, earlyStop: 5, steps: undefined },
];

test.each(broken)('a configuration with faults: %j', async (content) => {
  const sentences = await sentencesOf(content);
  expect(sentences).not.toEqual([]);
  for (const sentence of sentences) {
    const said = faultIn('ko', sentence);
    expect(said, sentence).toMatchObject({ language: 'ko' });
    expect(said.text).toMatch(/니다\.$/);
    expect(said.text).not.toMatch(/\b(expected|got|Correct|Choose)\b/);
    expect(faultIn('en', sentence)).toEqual({ text: sentence, language: 'en' });
  }
});

const manifest = (value: unknown) => zipSync({ 'second-thought.json': strToU8(JSON.stringify(value)) });
const format = 'second-thought-runs';
const zips: [string, Uint8Array][] = [
  ['no zip', strToU8('hello')],
  ['no manifest', zipSync({ a: strToU8('b') })],
  ['another manifest', manifest({ format: 'x' })],
  ['another version', manifest({ format, version: 9 })],
  ['a damaged list', manifest({ format, version: 1, runs: 5 })],
  ['a bad id', manifest({ format, version: 1, runs: [{ id: '../a', files: [] }] })],
  ['not whole', manifest({ format, version: 1, runs: [{ id: 'a', files: [] }] })],
  ['no page', manifest({ format, version: 1, runs: [], page: { bytes: 4, sha256: '' } })],
  ['not JSON', zipSync({ 'second-thought.json': strToU8('{') })],
  ['a path', zipSync({ '../a': strToU8('b') })],
];

test.each(zips)('a zip that is refused: %s', async (_, bytes) => {
  const file = new Blob([new Uint8Array(bytes)]);
  const refused = await bringRunsIn({} as Studio, file, () => {}).then(
    () => '',
    (error: Error) => error.message,
  );
  expect(refused).not.toBe('');
  expect(faultIn('ko', refused), refused).toMatchObject({ language: 'ko' });
});

test('a sentence of another form is left as it is', () => {
  const sentence =
    'storage, listing: expected this browser to keep data for the page, it refused (Error: no). Allow site data.';
  expect(faultIn('ko', sentence)).toEqual({ text: sentence, language: 'en' });
});
