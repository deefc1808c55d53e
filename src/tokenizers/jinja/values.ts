// Values of a chat template, as Python sees them, and the allowance every template runs on: templates come with models from anywhere,
// so every step and every character they make is counted, and a template that wants too much ends with an error.
import { StudioError } from '../../protocol/errors';

/** 4 / 2 is 2.0 in a template, not 2. */
export class Float {
  constructor(readonly value: number) {}
}

/** namespace(): the one thing whose attributes a template may set. */
export class Namespace {
  readonly fields = new Map<string, Value>();
}

/** A macro or a function: positional arguments, then named ones. */
export class Callable {
  constructor(readonly call: (args: Value[], named: Map<string, Value>) => Value) {}
}

/** undefined is Jinja's undefined, null Python's None. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | Float
  | Value[]
  | Map<string, Value>
  | Namespace
  | Callable;

/** What a template did wrong, or `raise_exception` said; chatTemplate.ts says which template. */
export class TemplateError extends Error {}

export class Allowance {
  constructor(private left: number) {}

  /** @param amount characters made, or 10 for a step */
  spend(amount: number): void {
    this.left -= amount;
    if (this.left < 0) {
      throw new StudioError(
        'model',
        'chat template: expected one that ends soon, this one runs on and on or makes endless text. Choose another model or template.',
      );
    }
  }

  /** A text that was made. */
  text(made: string): string {
    this.spend(made.length);
    return made;
  }
}

export function isNumber(value: Value): value is number | boolean | Float {
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof Float;
}

export function numberOf(value: number | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

export function isTrue(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

export function nameOfType(value: Value): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  return value instanceof Float ? 'float' : typeof value === 'object' ? value.constructor.name : typeof value;
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value);
}

/** How deep lists and dicts may lie in each other when they are written. */
const DEEPEST = 100;

function writeInside(value: Value, allowance: Allowance, depth: number): string {
  allowance.spend(10);
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    const escaped = value
      .replaceAll('\\', '\\\\')
      .replaceAll('\n', '\\n')
      .replaceAll('\t', '\\t')
      .replaceAll('\r', '\\r');
    return allowance.text(`${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`);
  }
  if (depth > DEEPEST) throw new TemplateError(`lists nested deeper than ${DEEPEST}`);
  if (Array.isArray(value)) {
    return allowance.text(`[${value.map((item) => writeInside(item, allowance, depth + 1)).join(', ')}]`);
  }
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, item]) => `${writeInside(key, allowance, depth + 1)}: ${writeInside(item, allowance, depth + 1)}`,
    );
    return allowance.text(`{${entries.join(', ')}}`);
  }
  return writeText(value, allowance);
}

/** Python's str(). */
export function writeText(value: Value, allowance: Allowance): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (value instanceof Float) return writeFloat(value.value);
  if (Array.isArray(value) || value instanceof Map) return writeInside(value, allowance, 0);
  throw new TemplateError(`a text was expected, got ${nameOfType(value)}`);
}

/** json.dumps without ASCII escapes. @param indent blanks per level, null: on one line */
export function writeJson(value: Value, allowance: Allowance, indent: number | null, depth = 0): string {
  allowance.spend(10);
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return JSON.stringify(value);
  if (typeof value === 'string') return allowance.text(JSON.stringify(value));
  if (value instanceof Float) return writeFloat(value.value);
  if (depth > DEEPEST) throw new TemplateError(`lists nested deeper than ${DEEPEST}`);
  const list = Array.isArray(value);
  if (!list && !(value instanceof Map)) throw new TemplateError(`${nameOfType(value)} cannot be written as JSON`);
  const inner = list
    ? value.map((item) => writeJson(item, allowance, indent, depth + 1))
    : [...value].map(([key, item]) => `${JSON.stringify(key)}: ${writeJson(item, allowance, indent, depth + 1)}`);
  const [open, close] = list ? '[]' : '{}';
  if (indent === null || inner.length === 0) return allowance.text(`${open}${inner.join(', ')}${close}`);
  allowance.spend(inner.length * indent * (depth + 1));
  const line = (level: number) => `\n${' '.repeat(indent * level)}`;
  return allowance.text(`${open}${line(depth + 1)}${inner.join(`,${line(depth + 1)}`)}${line(depth)}${close}`);
}

export function areEqual(a: Value, b: Value, allowance: Allowance, depth = 0): boolean {
  allowance.spend(10);
  if (depth > DEEPEST) throw new TemplateError(`lists nested deeper than ${DEEPEST}`);
  if (isNumber(a) && isNumber(b)) return numberOf(a) === numberOf(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => areEqual(item, b[i], allowance, depth + 1));
  }
  if (a instanceof Map && b instanceof Map) {
    return (
      a.size === b.size && [...a].every(([key, item]) => b.has(key) && areEqual(item, b.get(key), allowance, depth + 1))
    );
  }
  return a === b;
}

/** −1, 0 or 1. @throws TemplateError for what Python cannot order */
export function compareValues(a: Value, b: Value, allowance: Allowance): number {
  allowance.spend(10);
  if (isNumber(a) && isNumber(b)) return Math.sign(numberOf(a) - numberOf(b));
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  throw new TemplateError(`${nameOfType(a)} and ${nameOfType(b)} cannot be ordered`);
}

/** Plain data (messages, tools) as values of a template. */
export function toValue(data: unknown): Value {
  if (Array.isArray(data)) return data.map(toValue);
  if (data !== null && typeof data === 'object') {
    return new Map(Object.entries(data).map(([key, item]) => [key, toValue(item)]));
  }
  if (typeof data === 'number') return Number.isInteger(data) ? data : new Float(data);
  return typeof data === 'string' || typeof data === 'boolean' || data === null ? data : undefined;
}

/** The items a loop or a filter goes through. */
export function itemsOf(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  if (typeof value === 'string') return [...value];
  throw new TemplateError(`${nameOfType(value)} cannot be gone through`);
}
