// Units behind a number: the number, what it is multiplied by, and what it measures.
import { type LongComplex, power, ratio } from './longComplex';

/** name → [what it measures, factor as a ratio] */
const UNITS: Record<string, readonly [dimension: string, numerator: bigint, denominator: bigint]> = {};

function define(dimension: string, numerator: bigint, denominator: bigint, ...names: string[]): void {
  for (const name of names) UNITS[name] = [dimension, numerator, denominator];
}

define('length', 1000n, 1n, 'km', 'kilometer', 'kilometers', 'kilometre', 'kilometres');
define('length', 1n, 1n, 'm', 'meter', 'meters', 'metre', 'metres');
define('length', 1n, 100n, 'cm', 'centimeter', 'centimeters', 'centimetre', 'centimetres');
define('length', 1n, 1000n, 'mm', 'millimeter', 'millimeters');
define('length', 3048n, 10_000n, 'foot', 'feet', 'ft');
define('length', 254n, 10_000n, 'inch', 'inches', 'in');
define('length', 9144n, 10_000n, 'yard', 'yards', 'yd');
define('length', 1_609_344n, 1000n, 'mile', 'miles', 'mi');
define('time', 1n, 1n, 's', 'sec', 'second', 'seconds');
define('time', 60n, 1n, 'min', 'minute', 'minutes');
define('time', 3600n, 1n, 'h', 'hr', 'hour', 'hours');
define('time', 86_400n, 1n, 'day', 'days');
define('time', 604_800n, 1n, 'week', 'weeks');
define('mass', 1n, 1n, 'g', 'gram', 'grams');
define('mass', 1000n, 1n, 'kg', 'kilogram', 'kilograms');
define('mass', 1n, 1000n, 'mg', 'milligram', 'milligrams');
define('money', 1n, 1n, 'dollar', 'dollars');
define('money', 1n, 100n, 'cent', 'cents');

export interface Quantity {
  /** LaTeX */
  number: string;
  /** null: 1 */
  factor: LongComplex | null;
  /** null: none was given */
  dimension: string | null;
}

/** A unit nobody knows measures what its name says. */
export function readUnit(text: string): Quantity {
  if (text.startsWith('\\$')) return { number: text.slice(2), factor: null, dimension: 'money' };
  const match = /^(.+?)\\text\{([^{}]*)\}(?:\^\{?([23])\}?)?$/.exec(text);
  if (!match) return { number: text, factor: null, dimension: null };
  const [, number, name, exponent] = match;
  const times = exponent ? Number(exponent) : 1;
  const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : null;
  if (!unit) return { number, factor: null, dimension: `${name}^${times}` };
  const factor = power(ratio(unit[1], unit[2]), ratio(BigInt(times), 1n));
  return { number, factor, dimension: `${unit[0]}^${times}`.replace('money^1', 'money') };
}
