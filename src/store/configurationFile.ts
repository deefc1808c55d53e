// A form as a file and back: JSON, or YAML for people. An imported file is data only; it is read key by key, every fault is
// collected with its place, and nothing changes on the page unless there is none.
import type { RecipeCard } from '../protocol/events';
import type { Settings } from '../protocol/fields';
import { faultsOf, LESSON_FORM, type RunForm, shown, type TaskName } from '../protocol/runForm';
import type { EarlyStop } from '../protocol/stopping';

export type FileKind = 'json' | 'yaml';

const FORMAT = 'second-thought.run';
const VERSION = 1;
/** Far more than any configuration; a conversation file in a setting may be long. */
const MOST_BYTES = 2_000_000;
const KEYS = ['format', 'version', 'model', 'task', 'recipe', 'settings', 'seed', 'steps', 'minutes'];
const taskNames = ['dial', 'left', 'arithmetic'] as const satisfies readonly TaskName[];
const LATER_KEYS = ['evaluation', 'checkpointEvery', 'earlyStop'];

/** Thrown when a file is no configuration; one sentence per fault. */
export class ConfigurationFault extends Error {
  constructor(readonly sentences: string[]) {
    super(sentences.join(' '));
    this.name = 'ConfigurationFault';
  }
}

/** All that makes the run, defaults written out, so that the file means the same when defaults change. */
function documentOf(form: RunForm, recipe: RecipeCard, model: string | null) {
  return {
    format: FORMAT,
    version: VERSION,
    ...(model ? { model } : {}),
    task: { name: form.task ?? 'dial', level: form.level },
    recipe: form.recipe,
    settings: Object.fromEntries(
      recipe.fields.map(({ name, ...field }) => [name, form.settings[name] ?? field.default]),
    ),
    ...(form.seed === null ? {} : { seed: form.seed }),
    ...(form.steps === null ? { minutes: form.minutes } : { steps: form.steps }),
    evaluation: form.evaluation,
    checkpointEvery: form.checkpointEvery,
    earlyStop: form.earlyStop,
  };
}

export async function writeConfiguration(
  form: RunForm,
  recipe: RecipeCard,
  model: string | null,
  kind: FileKind,
): Promise<string> {
  const content = documentOf(form, recipe, model);
  if (kind === 'json') return `${JSON.stringify(content, null, 2)}\n`;
  const { dump } = await import('js-yaml');
  return dump(content);
}

type Group = ReadonlyMap<string, unknown>;

/** Reads groups of values and remembers what is wrong with them. */
class Reader {
  readonly faults: string[] = [];

  group(where: string, value: unknown, keys: readonly string[]): Group {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.faults.push(`${where}: expected a group of values, got ${shown(value)}. Correct it.`);
      return new Map();
    }
    const group = new Map(Object.entries(value));
    for (const key of group.keys()) {
      if (!keys.includes(key)) {
        this.faults.push(
          `${where}: expected one of ${keys.join(', ')}, got ${shown(key)}. Remove it or correct its name.`,
        );
      }
    }
    return group;
  }

  /** A number, or null where it is absent and may be. Ranges are checked later, with the whole form. */
  number(where: string, group: Group, key: string, otherwise: number | null): number | null {
    const value = group.get(key);
    if (value === undefined || value === null) return otherwise;
    if (typeof value === 'number') return value;
    this.faults.push(`${where}: expected a number, got ${shown(value)}. Correct it.`);
    return otherwise;
  }

  text(where: string, group: Group, key: string, otherwise: string): string {
    const value = group.get(key);
    if (value === undefined) return otherwise;
    if (typeof value === 'string') return value;
    this.faults.push(`${where}: expected a text, got ${shown(value)}. Correct it.`);
    return otherwise;
  }

  earlyStop(value: unknown): EarlyStop | null {
    if (value === undefined || value === null) return null;
    const rule = this.group('earlyStop', value, ['patience', 'ceiling', 'fromStep']);
    const given = { patience: rule.get('patience') ?? null, ceiling: rule.get('ceiling') ?? null };
    const part = (name: 'patience' | 'ceiling', keys: string[]) =>
      given[name] === null ? null : this.group(`earlyStop.${name}`, given[name], keys);
    const patience = part('patience', ['metric', 'better', 'evaluations', 'minDelta']);
    const ceiling = part('ceiling', ['metric', 'limit']);
    const missing = Number.NaN;
    return {
      patience: patience && {
        metric: this.text('earlyStop.patience.metric', patience, 'metric', ''),
        better: patience.get('better') === 'lower' ? 'lower' : 'higher',
        evaluations: this.number('earlyStop.patience.evaluations', patience, 'evaluations', missing) ?? missing,
        minDelta: this.number('earlyStop.patience.minDelta', patience, 'minDelta', 0) ?? 0,
      },
      ceiling: ceiling && {
        metric: this.text('earlyStop.ceiling.metric', ceiling, 'metric', ''),
        limit: this.number('earlyStop.ceiling.limit', ceiling, 'limit', missing) ?? missing,
      },
      fromStep: this.number('earlyStop.fromStep', rule, 'fromStep', 0) ?? 0,
    };
  }
}

async function parse(text: string, fileName: string): Promise<unknown> {
  if (text.length > MOST_BYTES) {
    throw new ConfigurationFault([
      `${fileName}: expected a configuration of at most ${MOST_BYTES} characters, got ${text.length}. Choose another file.`,
    ]);
  }
  const isYaml = /\.ya?ml$/i.test(fileName) || !/^\s*\{/.test(text);
  try {
    if (!isYaml) return JSON.parse(text);
    const { load } = await import('js-yaml');
    return load(text);
  } catch (error) {
    const words = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ConfigurationFault([
      `${fileName}: expected ${isYaml ? 'YAML' : 'JSON'}, it cannot be read (${words}). Correct it or export a new one.`,
    ]);
  }
}

export interface ImportedConfiguration {
  form: RunForm;
  /** The model it was made for, where it says. */
  model: string | null;
}

/** @throws ConfigurationFault with every fault that was found */
export async function readConfiguration(
  text: string,
  fileName: string,
  recipes: readonly RecipeCard[],
): Promise<ImportedConfiguration> {
  const reader = new Reader();
  const root = reader.group(fileName, await parse(text, fileName), [...KEYS, ...LATER_KEYS]);
  if (root.size > 0 && (root.get('format') !== FORMAT || root.get('version') !== VERSION)) {
    throw new ConfigurationFault([
      `${fileName}: expected "format": "${FORMAT}", "version": ${VERSION}, got ${shown(root.get('format'))}, ${shown(root.get('version'))}. Export a configuration here to see what it looks like.`,
    ]);
  }
  const task = reader.group('task', root.get('task') ?? {}, ['name', 'level']);
  const taskName = taskNames.find((known) => known === (task.get('name') ?? 'dial'));
  if (!taskName) {
    reader.faults.push(
      `task.name: expected one of ${taskNames.join(', ')}, got ${shown(task.get('name'))}. Correct it.`,
    );
  }
  const evaluation = reader.group('evaluation', root.get('evaluation') ?? {}, ['every', 'problems', 'testProblems']);
  const measure = (key: 'every' | 'problems' | 'testProblems') =>
    reader.number(`evaluation.${key}`, evaluation, key, null) ?? LESSON_FORM.evaluation[key];
  const steps = reader.number('steps', root, 'steps', null);
  const minutes = reader.number('minutes', root, 'minutes', null);
  const name = reader.text('recipe', root, 'recipe', '');
  const recipe = recipes.find(({ id }) => id === name);
  if (!recipe) {
    reader.faults.push(
      `recipe: expected one of ${recipes.map(({ id }) => id).join(', ')}, got ${shown(root.get('recipe'))}. Correct it.`,
    );
  }
  const form: RunForm = {
    recipe: name,
    task: taskName ?? 'dial',
    level: reader.number('task.level', task, 'level', null) ?? LESSON_FORM.level,
    settings: recipe ? settingsOf(reader, root.get('settings') ?? {}, recipe) : {},
    seed: reader.number('seed', root, 'seed', null),
    steps,
    minutes,
    evaluation: { every: measure('every'), problems: measure('problems'), testProblems: measure('testProblems') },
    checkpointEvery: reader.number('checkpointEvery', root, 'checkpointEvery', null) ?? LESSON_FORM.checkpointEvery,
    earlyStop: reader.earlyStop(root.get('earlyStop')),
  };
  const faults = [...reader.faults, ...faultsOf(form, recipe?.fields ?? []).map(({ sentence }) => sentence)];
  if (faults.length > 0) throw new ConfigurationFault([...new Set(faults)]);
  return { form, model: reader.text('model', root, 'model', '') || null };
}

/** What differs from the defaults; kinds and ranges are checked with the whole form. */
function settingsOf(reader: Reader, given: unknown, recipe: RecipeCard): Settings {
  const names = recipe.fields.map(({ name }) => name);
  const group = reader.group('settings', given, names);
  const settings: Settings = {};
  for (const { name, default: otherwise } of recipe.fields) {
    const value = group.get(name);
    if (value === undefined || value === otherwise) continue;
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') settings[name] = value;
    else {
      reader.faults.push(`settings.${name}: expected a number, a text or true/false, got ${shown(value)}. Correct it.`);
    }
  }
  return settings;
}
