// A configuration goes out and comes back the same; what is broken or hostile is refused with every place named.
import { expect, test } from 'vitest';
import type { RecipeCard } from '../protocol/events';
import { LESSON_FORM, type RunForm } from '../protocol/runForm';
import { ConfigurationFault, readConfiguration, writeConfiguration } from './configurationFile';

const label = { en: '', ko: '' };
const recipe: RecipeCard = {
  id: 'score',
  title: label,
  paper: '',
  fields: [
    { kind: 'integer', name: 'problems', default: 64, min: 1, max: 1024, unit: '', label, help: label },
    { kind: 'switch', name: 'shaping', default: true, label, help: label },
    { kind: 'text', name: 'targets', default: '', label, help: label },
  ],
};
const form: RunForm = {
  ...LESSON_FORM,
  level: 5,
  settings: { problems: 8, targets: 'q_proj, "v": x' },
  seed: 7,
  minutes: null,
  steps: 40,
  earlyStop: {
    patience: { metric: 'eval/accuracy_t2', better: 'higher', evaluations: 4, minDelta: 0.005 },
    ceiling: { metric: 'kl/t2', limit: 3 },
    fromStep: 10,
  },
};

async function faultsIn(text: string, name = 'run.json'): Promise<string[]> {
  try {
    await readConfiguration(text, name, [recipe]);
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.sentences;
    throw error;
  }
  return [];
}

for (const kind of ['json', 'yaml'] as const) {
  test(`${kind}: out and back`, async () => {
    const text = await writeConfiguration(form, recipe, 'dial', kind);
    expect(text).toContain('shaping');
    expect(await readConfiguration(text, `run.${kind}`, [recipe])).toEqual({ form, model: 'dial' });
    const lesson = await writeConfiguration(LESSON_FORM, recipe, null, kind);
    expect(await readConfiguration(lesson, 'pasted', [recipe])).toEqual({ form: LESSON_FORM, model: null });
  });
}

const good = JSON.parse(await writeConfiguration(form, recipe, 'dial', 'json'));
const changed = (part: object) => JSON.stringify({ ...good, ...part });

test('every fault is named with its place, what was expected and what came', async () => {
  const faults = await faultsIn(
    changed({ settings: { problems: 0, nonsense: 1, shaping: [] }, task: { level: 9 }, seed: 'x', extra: {} }),
  );
  expect(faults).toHaveLength(6);
  expect(faults.join('\n')).toMatch(/settings\.problems: expected 1 to 1024, got 0/);
  expect(faults.join('\n')).toMatch(/settings: expected one of problems, shaping, targets, got "nonsense"/);
  expect(faults.join('\n')).toMatch(/settings\.shaping: expected a number, a text or true\/false, got a list of 0/);
  expect(faults.join('\n')).toMatch(/level: expected a whole number from 4 to 8, got 9/);
  expect(faults.join('\n')).toMatch(/seed: expected a number, got "x"/);
  expect(faults.join('\n')).toMatch(/run\.json: expected one of .*, got "extra"/);
});

test('broken files', async () => {
  expect(await faultsIn('{"format": ')).toEqual([
    expect.stringMatching(/^run\.json: expected JSON, it cannot be read/),
  ]);
  expect(await faultsIn('a: [1, 2', 'x.yaml')).toEqual([expect.stringMatching(/^x\.yaml: expected YAML.*\(\d+:\d+\)/)]);
  expect(await faultsIn('{"format":"another","version":1}')).toEqual([expect.stringMatching(/got "another", 1/)]);
  expect(await faultsIn('[]')).not.toEqual([]);
  expect(await faultsIn('')).not.toEqual([]);
  expect(await faultsIn(changed({ steps: null }))).toEqual([expect.stringMatching(/either steps or minutes/)]);
  expect(await faultsIn(changed({ recipe: 'unknown' }))).toContainEqual(
    expect.stringMatching(/^recipe: expected one of score, got "unknown"/),
  );
  expect(await faultsIn(changed({ earlyStop: { patience: { metric: 'a' } } }))).toEqual([
    expect.stringMatching(/patience\.evaluations/),
  ]);
});

test('hostile files are refused and reach no prototype', async () => {
  const before = Object.keys(Object.prototype);
  expect(await faultsIn(`{"__proto__": {"polluted": true}, ${changed({}).slice(1)}`)).toEqual([
    expect.stringMatching(/got "__proto__"/),
  ]);
  expect(await faultsIn(changed({ settings: JSON.parse('{"__proto__": 1}') }))).toHaveLength(1);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual(before);
  expect(await faultsIn('!!js/function "() => 1"', 'x.yml')).toHaveLength(1);
  // Ten lists of ten of ten …: small as a file, endless when written out.
  const levels = 'abcdefghij'.split('');
  const bomb = levels.map((name, i) => `${name}: &${name} [${Array(10).fill(i ? `*${levels[i - 1]}` : 1)}]`);
  expect((await faultsIn(bomb.join('\n'), 'bomb.yaml')).join(' ').length).toBeLessThan(5000);
  expect(await faultsIn(`{"format":"${'x'.repeat(3_000_000)}"}`)).toEqual([
    expect.stringMatching(/at most 2000000 characters/),
  ]);
  const long = await faultsIn(changed({ seed: 'y'.repeat(100_000) }));
  expect(long[0].length).toBeLessThan(200);
});
