// The question as it stands in the address, so that it can be shared: `#/playground/<run>?n=7.3.11.5.2.8&seed=4&t=0.7&k=5&p=0.9&slot=best`.
// An empty number (`7..11`) is a field that is being edited.
import { areValidNumbers } from '../../store/dialFacts';
import type { Question } from '../../store/playgroundSlice';
import type { Place } from '../place';

/** The path's word for "no run: the base on both sides". */
export const NO_RUN = 'base';

export const LIMITS = {
  level: { min: 3, max: 8 },
  seed: { min: 0, max: 2 ** 31 - 1 },
  temperature: { min: 0.1, max: 2, step: 0.1 },
  topK: { min: 0, max: 200 },
  topP: { min: 0.05, max: 1, step: 0.05 },
} as const;

export interface AskedFor extends Omit<Question, 'numbers' | 'runId'> {
  /** null: none named. NaN where a field is empty. */
  numbers: number[] | null;
  /** A run's id, NO_RUN, or null: whichever is at hand. */
  run: string | null;
}

function numberIn(text: string | null, { min, max }: { min: number; max: number }, otherwise: number): number {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value >= min && value <= max ? value : otherwise;
}

/** Unreadable values count as not given. */
export function readQuestion({ id, query }: Place): AskedFor {
  const written = query.get('n');
  const parts = written === null ? [] : written.split('.').map((text) => (text === '' ? Number.NaN : Number(text)));
  const { level, seed, temperature, topK, topP } = LIMITS;
  return {
    numbers: parts.length >= level.min && parts.length <= level.max ? parts : null,
    run: id,
    slot: query.get('slot') === 'best' ? 'best' : 'last',
    seed: Math.floor(numberIn(query.get('seed'), seed, 1)),
    temperature: numberIn(query.get('t'), temperature, 0),
    topK: Math.floor(numberIn(query.get('k'), topK, 0)),
    topP: numberIn(query.get('p'), topP, 1),
  };
}

type Written = Record<string, string | number | null>;

/** The part of the address that changes; values that are as usual are left out of it. */
export function writeQuestion(part: Partial<Omit<AskedFor, 'run'>>): Written {
  const written: Written = {};
  if (part.numbers) written.n = part.numbers.map((number) => (Number.isNaN(number) ? '' : number)).join('.');
  if (part.slot) written.slot = part.slot === 'best' ? 'best' : null;
  if (part.seed !== undefined) written.seed = part.seed;
  if (part.temperature !== undefined) written.t = part.temperature === 0 ? null : part.temperature;
  if (part.topK !== undefined) written.k = part.topK === 0 ? null : part.topK;
  if (part.topP !== undefined) written.p = part.topP === 1 ? null : part.topP;
  return written;
}

/** Fit to be asked, with the run that `run` stands for. */
export function toQuestion({ run: _, numbers, ...rest }: AskedFor, runId: string | null): Question | null {
  return numbers && areValidNumbers(numbers) ? { ...rest, numbers, runId } : null;
}

export function isSameQuestion(a: Question, b: Question): boolean {
  const names = Object.keys(a) as (keyof Question)[];
  return names.every((name) => String(a[name]) === String(b[name]));
}
