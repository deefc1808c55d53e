// Fields of a tokenizer file as what they must be. Files come from anywhere: every value is asked for its type before it is used.
import { StudioError } from '../../protocol/errors';

export type JsonObject = Record<string, unknown>;

/** @throws StudioError('model') always */
export function refuseTokenizer(where: string, expected: string, got: unknown): never {
  const shown = typeof got === 'string' ? `"${got.slice(0, 60)}"` : (JSON.stringify(got)?.slice(0, 60) ?? 'nothing');
  throw new StudioError(
    'model',
    `${where}: expected ${expected}, got ${shown}. Take the file from the model’s folder.`,
  );
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

export function readObject(value: unknown, where: string): JsonObject {
  return isObject(value) ? value : refuseTokenizer(where, 'an object', value);
}

export function readList(value: unknown, where: string): unknown[] {
  return Array.isArray(value) ? value : refuseTokenizer(where, 'a list', value);
}

export function readText(value: unknown, where: string): string {
  return typeof value === 'string' ? value : refuseTokenizer(where, 'a text', value);
}

export function readNumber(value: unknown, where: string): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : refuseTokenizer(where, 'a number', value);
}

/** Absent and null mean `fallback`, as in the original files. */
export function readFlag(value: unknown, where: string, fallback = false): boolean {
  if (value === undefined || value === null) return fallback;
  return typeof value === 'boolean' ? value : refuseTokenizer(where, 'true or false', value);
}

/** No vocabulary is larger: 16 times the largest known. Bounds every table indexed by an id. */
const LARGEST_ID = 1 << 22;

export function readId(value: unknown, where: string): number {
  const ok = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < LARGEST_ID;
  return ok ? value : refuseTokenizer(where, 'an id (a whole number ≥ 0)', value);
}

/** How many characters a text of a step may have: prefixes and replacements are a few. Longer ones multiply the input. */
const LONGEST_PIECE = 64;

/** A short text that is put into the input, such as "▁". */
export function readShortText(value: unknown, where: string): string {
  const text = readText(value, where);
  return text.length <= LONGEST_PIECE ? text : refuseTokenizer(where, `at most ${LONGEST_PIECE} characters`, text);
}
