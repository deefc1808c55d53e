// Attributes and methods of values: what Python's strings and dicts offer to chat templates.
import {
  type Allowance,
  Callable,
  itemsOf,
  Namespace,
  nameOfType,
  TemplateError,
  type Value,
  writeText,
} from './values';

/** What str.strip() takes away: not U+FEFF, which JavaScript's trim takes too. */
const BLANKS =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

const BLANK_RUN = new RegExp(`[${BLANKS}]+`);
/** What str.splitlines() ends a line at. */
const LINE_ENDS = '\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029';
const LINE_END = new RegExp(`\r\n|[${LINE_ENDS}]`);

export function stripText(text: string, characters: string | null, left = true, right = true): string {
  const taken = characters ?? BLANKS;
  let from = 0;
  let to = text.length;
  if (left) while (from < to && taken.includes(text[from])) from++;
  if (right) while (to > from && taken.includes(text[to - 1])) to--;
  return text.slice(from, to);
}

export const titleCase = (text: string) =>
  text.replace(/\p{L}+/gu, (word) => word[0].toUpperCase() + word.slice(1).toLowerCase());
export const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

export function replaceText(text: string, from: string, to: string, count: number, allowance: Allowance): string {
  const parts = from === '' ? ['', ...text, ''] : text.split(from);
  const joints = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  allowance.spend(text.length + joints * to.length);
  if (joints === parts.length - 1) return parts.join(to);
  return [...parts.slice(0, joints), parts.slice(joints).join(from)].join(to);
}

function splitText(text: string, separator: string | null, most: number): string[] {
  if (separator === '') throw new TemplateError('split() with an empty separator');
  const parts =
    separator === null
      ? stripText(text, null)
          .split(BLANK_RUN)
          .filter((part) => part !== '')
      : text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  if (separator !== null) return [...parts.slice(0, most), parts.slice(most).join(separator)];
  throw new TemplateError('split() by blanks with a limit');
}

const asText = (value: Value, what: string): string => {
  if (typeof value === 'string') return value;
  throw new TemplateError(`${what} expects a text, got ${nameOfType(value)}`);
};
const optionalText = (value: Value, what: string) =>
  value === undefined || value === null ? null : asText(value, what);
const optionalNumber = (value: Value) => (typeof value === 'number' ? value : -1);

type Method = (text: string, args: Value[], named: Map<string, Value>, allowance: Allowance) => Value;

const hasAny = (args: Value, test: (part: string) => boolean) =>
  (Array.isArray(args) ? args : [args]).some((part) => test(asText(part, 'startswith() or endswith()')));

const TEXT_METHODS: Record<string, Method> = {
  strip: (text, [characters]) => stripText(text, optionalText(characters, 'strip()')),
  lstrip: (text, [characters]) => stripText(text, optionalText(characters, 'lstrip()'), true, false),
  rstrip: (text, [characters]) => stripText(text, optionalText(characters, 'rstrip()'), false, true),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  title: titleCase,
  capitalize,
  startswith: (text, [parts]) => hasAny(parts, (part) => text.startsWith(part)),
  endswith: (text, [parts]) => hasAny(parts, (part) => text.endsWith(part)),
  split: (text, [separator, most], named) =>
    splitText(
      text,
      optionalText(separator ?? named.get('sep'), 'split()'),
      optionalNumber(most ?? named.get('maxsplit')),
    ),
  splitlines: (text) => {
    const lines = text.split(LINE_END);
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  },
  replace: (text, [from, to, count], named, allowance) =>
    replaceText(
      text,
      asText(from, 'replace()'),
      asText(to, 'replace()'),
      optionalNumber(count ?? named.get('count')),
      allowance,
    ),
  find: (text, [part]) => text.indexOf(asText(part, 'find()')),
  count: (text, [part]) => text.split(asText(part, 'count()')).length - 1,
  isdigit: (text) => /^\p{Nd}+$/u.test(text),
  isspace: (text) => text !== '' && stripText(text, null) === '',
  join: (text, [list], _named, allowance) => joinTexts(itemsOf(list), text, allowance),
};

export function joinTexts(items: Value[], separator: string, allowance: Allowance): string {
  const texts = items.map((item) => writeText(item, allowance));
  allowance.spend(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
  return texts.join(separator);
}

const DICT_METHODS: Record<string, (dict: Map<string, Value>, args: Value[]) => Value> = {
  items: (dict) => [...dict].map(([key, value]) => [key, value]),
  keys: (dict) => [...dict.keys()],
  values: (dict) => [...dict.values()],
  get: (dict, [key, fallback]) =>
    dict.get(asText(key, 'get()')) ?? (dict.has(asText(key, 'get()')) ? null : (fallback ?? null)),
};

/** `value.name`. A method comes before an entry of the same name, as in Python. */
export function readAttribute(value: Value, name: string, allowance: Allowance): Value {
  if (value === undefined) throw new TemplateError(`"${name}" was asked of something that is not defined`);
  if (typeof value === 'string') {
    if (!Object.hasOwn(TEXT_METHODS, name)) return undefined;
    return new Callable((args, named) => {
      allowance.spend(10 + value.length);
      return TEXT_METHODS[name](value, args, named, allowance);
    });
  }
  if (value instanceof Map) {
    if (Object.hasOwn(DICT_METHODS, name)) {
      return new Callable((args) => {
        allowance.spend(10 * (1 + value.size));
        return DICT_METHODS[name](value, args);
      });
    }
    return value.get(name);
  }
  return value instanceof Namespace ? value.fields.get(name) : undefined;
}

/** `value[key]`: an entry comes before a method. */
export function readItem(value: Value, key: Value, allowance: Allowance): Value {
  if (value === undefined) throw new TemplateError('an item was asked of something that is not defined');
  if (typeof key === 'string') {
    return value instanceof Map && value.has(key) ? value.get(key) : readAttribute(value, key, allowance);
  }
  if (typeof key === 'number' && (Array.isArray(value) || typeof value === 'string')) {
    if (typeof value === 'string') allowance.spend(value.length);
    const items = Array.isArray(value) ? value : [...value];
    return items[key < 0 ? items.length + key : key];
  }
  return undefined;
}
