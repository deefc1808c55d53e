// A recipe's settings as data: draws the form, checks imported configurations, documents itself.

export interface Bilingual {
  en: string;
  ko: string;
}

/** What a stage of a recipe is called. `*` in `stage` is a number; {1}, {2} in the words are those numbers in their order. */
export interface StageWords {
  stage: string;
  name: Bilingual;
  /** What is done in it. */
  sentence: Bilingual;
}

/** The numbers that stand where the pattern has `*`; null when the name is another. */
export function stageNumbers(stage: string, pattern: string): string[] | null {
  const found = new RegExp(`^${pattern.replaceAll('*', '(\\d+)')}$`).exec(stage);
  return found?.slice(1) ?? null;
}

interface FieldBase {
  name: string;
  label: Bilingual;
  help: Bilingual;
  advanced?: boolean;
}

export interface NumberField extends FieldBase {
  kind: 'number' | 'integer';
  default: number;
  min: number;
  max: number;
  /** e.g. "nats", "tokens", "" */
  unit: string;
}

export interface ChoiceField extends FieldBase {
  kind: 'choice';
  default: string;
  options: { value: string; label: Bilingual }[];
}

export interface SwitchField extends FieldBase {
  kind: 'switch';
  default: boolean;
}

export interface TextField extends FieldBase {
  kind: 'text';
  default: string;
}

export type Field = NumberField | ChoiceField | SwitchField | TextField;
export type Settings = Record<string, number | string | boolean>;

/** The defaults of all fields. */
function defaultSettings(fields: readonly Field[]): Settings {
  return Object.fromEntries(fields.map((field) => [field.name, field.default]));
}

/** Fills in defaults and checks names, types and ranges. Throws a sentence: where, expected, came, what to do. */
export function checkSettings(fields: readonly Field[], given: Settings): Settings {
  const known = new Map(fields.map((field) => [field.name, field]));
  for (const name of Object.keys(given)) {
    if (!known.has(name)) {
      throw new RangeError(
        `settings: expected one of ${[...known.keys()].join(', ')}, got "${name}". Remove it or correct its name.`,
      );
    }
  }
  const settings = { ...defaultSettings(fields), ...given };
  for (const field of fields) checkField(field, settings[field.name]);
  return settings;
}

function checkField(field: Field, value: Settings[string]): void {
  const fail = (expected: string): never => {
    throw new RangeError(
      `settings.${field.name}: expected ${expected}, got ${JSON.stringify(value)}. The default is ${JSON.stringify(field.default)}.`,
    );
  };
  if (field.kind === 'number' || field.kind === 'integer') {
    const integer = field.kind === 'integer';
    if (typeof value !== 'number' || !Number.isFinite(value) || (integer && !Number.isInteger(value))) {
      fail(integer ? 'a whole number' : 'a number');
    } else if (value < field.min || value > field.max) fail(`${field.min} to ${field.max}`);
  } else if (field.kind === 'choice') {
    if (!field.options.some((option) => option.value === value)) {
      fail(`one of ${field.options.map((option) => option.value).join(', ')}`);
    }
  } else if (field.kind === 'switch') {
    if (typeof value !== 'boolean') fail('true or false');
  } else if (typeof value !== 'string') fail('a text');
}
