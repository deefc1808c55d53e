// The filters and tests that chat templates use. One that is not here is an error with its name, never a guess.
import { capitalize, joinTexts, readAttribute, readItem, replaceText, stripText, titleCase } from './methods';
import {
  type Allowance,
  areEqual,
  Callable,
  compareValues,
  Float,
  isNumber,
  isTrue,
  itemsOf,
  nameOfType,
  numberOf,
  TemplateError,
  type Value,
  writeJson,
  writeText,
} from './values';

type Named = Map<string, Value>;
type Filter = (value: Value, args: Value[], named: Named, allowance: Allowance) => Value;
type Test = (value: Value, arg: Value, allowance: Allowance) => boolean;

const onText =
  (change: (text: string) => string): Filter =>
  (value, _args, _named, allowance) =>
    allowance.text(change(writeText(value, allowance)));

const TESTS: Record<string, Test> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => isNumber(value),
  integer: (value) => typeof value === 'number',
  float: (value) => value instanceof Float,
  mapping: (value) => value instanceof Map,
  iterable: (value) => typeof value === 'string' || Array.isArray(value) || value instanceof Map,
  sequence: (value) => typeof value === 'string' || Array.isArray(value) || value instanceof Map,
  callable: (value) => value instanceof Callable,
  true: (value) => value === true,
  false: (value) => value === false,
  odd: (value) => isNumber(value) && Math.abs(numberOf(value) % 2) === 1,
  even: (value) => isNumber(value) && numberOf(value) % 2 === 0,
  lower: (value) => typeof value === 'string' && value === value.toLowerCase(),
  upper: (value) => typeof value === 'string' && value === value.toUpperCase(),
  equalto: (value, other, allowance) => areEqual(value, other, allowance),
  eq: (value, other, allowance) => areEqual(value, other, allowance),
  '==': (value, other, allowance) => areEqual(value, other, allowance),
  ne: (value, other, allowance) => !areEqual(value, other, allowance),
  in: (value, list, allowance) => isIn(value, list, allowance),
};

export function isIn(value: Value, list: Value, allowance: Allowance): boolean {
  if (typeof list === 'string') {
    if (typeof value !== 'string') throw new TemplateError(`"in" a text expects a text, got ${nameOfType(value)}`);
    allowance.spend(list.length);
    return list.includes(value);
  }
  if (list instanceof Map) return typeof value === 'string' && list.has(value);
  if (list === undefined) return false;
  return itemsOf(list).some((item) => areEqual(item, value, allowance));
}

export function applyTest(name: string, value: Value, arg: Value, allowance: Allowance): boolean {
  if (!Object.hasOwn(TESTS, name)) throw new TemplateError(`the test "${name}" is not implemented`);
  return TESTS[name](value, arg, allowance);
}

/** "role" or "a.b". */
function attributeOf(value: Value, path: Value, allowance: Allowance): Value {
  return writeText(path, allowance)
    .split('.')
    .reduce<Value>((inner, name) => (inner === undefined ? undefined : readItem(inner, name, allowance)), value);
}

/** selectattr, rejectattr, select, reject. */
function choose(byAttribute: boolean, keep: boolean): Filter {
  return (value, args, _named, allowance) => {
    const [path, ...rest] = byAttribute ? args : [null, ...args];
    const [test, arg] = rest;
    return itemsOf(value).filter((item) => {
      allowance.spend(10);
      const asked = byAttribute ? attributeOf(item, path, allowance) : item;
      const holds = test === undefined ? isTrue(asked) : applyTest(writeText(test, allowance), asked, arg, allowance);
      return holds === keep;
    });
  };
}

function sortItems(value: Value, args: Value[], named: Named, allowance: Allowance): Value {
  const attribute = named.get('attribute');
  const caseless = !isTrue(named.get('case_sensitive') ?? args[1] ?? false);
  const keyOf = (item: Value) => {
    const key = attribute === undefined ? item : attributeOf(item, attribute, allowance);
    return caseless && typeof key === 'string' ? key.toLowerCase() : key;
  };
  const sign = isTrue(named.get('reverse') ?? args[0] ?? false) ? -1 : 1;
  return itemsOf(value)
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => sign * compareValues(a.key, b.key, allowance))
    .map(({ item }) => item);
}

function toInteger(value: Value, fallback: Value): Value {
  const number = isNumber(value)
    ? numberOf(value)
    : typeof value === 'string'
      ? Number(value.trim() || Number.NaN)
      : Number.NaN;
  return Number.isFinite(number) ? Math.trunc(number) : (fallback ?? 0);
}

/** How many blanks an indentation may have. */
const WIDEST = 64;

function readWidth(value: Value, fallback: number | null): number | null {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number' && value >= 0 && value <= WIDEST) return value;
  throw new TemplateError(`an indentation of 0 to ${WIDEST} was expected`);
}

function indentLines(value: Value, args: Value[], named: Named, allowance: Allowance): Value {
  const lines = writeText(value, allowance).split('\n');
  const blanks = ' '.repeat(readWidth(args[0] ?? named.get('width'), 4) ?? 4);
  const first = isTrue(args[1] ?? named.get('first'));
  const blank = isTrue(args[2] ?? named.get('blank'));
  return allowance.text(
    lines.map((line, i) => ((i === 0 ? first : blank || line !== '') ? blanks + line : line)).join('\n'),
  );
}

function mapItems(value: Value, args: Value[], named: Named, allowance: Allowance): Value {
  const attribute = named.get('attribute');
  return itemsOf(value).map((item) => {
    allowance.spend(10);
    if (attribute !== undefined) return attributeOf(item, attribute, allowance) ?? named.get('default');
    return applyFilter(writeText(args[0], allowance), item, args.slice(1), named, allowance);
  });
}

function uniqueItems(value: Value, _args: Value[], _named: Named, allowance: Allowance): Value {
  const kept: Value[] = [];
  for (const item of itemsOf(value)) if (!kept.some((other) => areEqual(other, item, allowance))) kept.push(item);
  return kept;
}

const lengthOf: Filter = (value) => {
  if (value instanceof Map) return value.size;
  if (value === undefined) return 0;
  return itemsOf(value).length;
};

const withDefault: Filter = (value, [fallback, alsoEmpty], named) => {
  const missing = value === undefined || (isTrue(alsoEmpty ?? named.get('boolean')) && !isTrue(value));
  return missing ? (fallback ?? named.get('default_value') ?? '') : value;
};

const FILTERS: Record<string, Filter> = {
  trim: (value, [characters], _named, allowance) =>
    allowance.text(
      stripText(writeText(value, allowance), characters === undefined ? null : writeText(characters, allowance)),
    ),
  upper: onText((text) => text.toUpperCase()),
  lower: onText((text) => text.toLowerCase()),
  title: onText(titleCase),
  capitalize: onText(capitalize),
  string: onText((text) => text),
  safe: onText((text) => text),
  length: lengthOf,
  count: lengthOf,
  list: (value) => [...itemsOf(value)],
  first: (value) => itemsOf(value)[0],
  last: (value) => itemsOf(value).at(-1),
  reverse: (value) => (typeof value === 'string' ? [...value].reverse().join('') : [...itemsOf(value)].reverse()),
  join: (value, [separator], named, allowance) => {
    const attribute = named.get('attribute');
    const items = itemsOf(value);
    return joinTexts(
      attribute === undefined ? items : items.map((item) => attributeOf(item, attribute, allowance)),
      writeText(separator ?? named.get('d'), allowance),
      allowance,
    );
  },
  replace: (value, [from, to, count], _named, allowance) =>
    replaceText(
      writeText(value, allowance),
      writeText(from, allowance),
      writeText(to, allowance),
      typeof count === 'number' ? count : -1,
      allowance,
    ),
  default: withDefault,
  d: withDefault,
  tojson: (value, args, named, allowance) =>
    writeJson(value, allowance, readWidth(args[0] ?? named.get('indent'), null)),
  indent: indentLines,
  map: mapItems,
  select: choose(false, true),
  reject: choose(false, false),
  selectattr: choose(true, true),
  rejectattr: choose(true, false),
  sort: sortItems,
  unique: uniqueItems,
  items: (value, _args, _named, allowance) => {
    if (value === undefined) return [];
    const items = readAttribute(value, 'items', allowance);
    if (!(items instanceof Callable))
      throw new TemplateError(`items of a dict were expected, got ${nameOfType(value)}`);
    return items.call([], new Map());
  },
  dictsort: (value) => {
    if (!(value instanceof Map)) throw new TemplateError(`dictsort expects a dict, got ${nameOfType(value)}`);
    return [...value]
      .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map(([key, item]) => [key, item]);
  },
  int: (value, [fallback]) => toInteger(value, fallback),
  float: (value) => {
    const number = isNumber(value) ? numberOf(value) : Number(typeof value === 'string' ? value : Number.NaN);
    return new Float(Number.isFinite(number) ? number : 0);
  },
  abs: (value) => {
    if (!isNumber(value)) throw new TemplateError(`abs expects a number, got ${nameOfType(value)}`);
    return value instanceof Float ? new Float(Math.abs(value.value)) : Math.abs(Number(value));
  },
};

export function applyFilter(name: string, value: Value, args: Value[], named: Named, allowance: Allowance): Value {
  if (!Object.hasOwn(FILTERS, name)) throw new TemplateError(`the filter "${name}" is not implemented`);
  // Filters go through the whole of what they get.
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : 1;
  allowance.spend(10 + size);
  return FILTERS[name](value, args, named, allowance);
}
