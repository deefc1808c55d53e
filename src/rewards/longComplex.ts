// Complex numbers to some 70 decimal places, as whole numbers in units of 2^-240: enough to tell e^(π√163) from the whole number it
// misses by 7.5e-13, and to call two numbers equal that are. Slow, and meant for single answers.

export interface LongComplex {
  re: bigint;
  im: bigint;
}

const SHIFT = 240n;
const ONE = 1n << SHIFT;
/** Differences below 2^-150 of the larger number are rounding. */
const EQUAL_BITS = 150n;
/** Whole numbers beyond have lost their meaning as answers. */
const LONGEST_EXPONENT = 5000;

/** It has no value here: outside of a function's domain, or too large. */
export class NoValue extends Error {}

const fail = (why: string): never => {
  throw new NoValue(why);
};

const absolute = (x: bigint) => (x < 0n ? -x : x);
const times = (a: bigint, b: bigint) => (a * b) >> SHIFT;
const over = (a: bigint, b: bigint) => (b === 0n ? fail('division by 0') : (a << SHIFT) / b);
const toDouble = (x: bigint) => Number(x >> (SHIFT - 60n)) / 2 ** 60;
const fromDouble = (x: number) => BigInt(Math.round(x * 2 ** 52)) << (SHIFT - 52n);

export const real = (re: bigint): LongComplex => ({ re, im: 0n });
export const zero = real(0n);
export const one = real(ONE);
export const imaginary: LongComplex = { re: 0n, im: ONE };

/** a/b exactly enough. */
export function ratio(a: bigint, b: bigint): LongComplex {
  return real(over(a, b));
}

export const add = (a: LongComplex, b: LongComplex): LongComplex => ({ re: a.re + b.re, im: a.im + b.im });
export const negate = (a: LongComplex): LongComplex => ({ re: -a.re, im: -a.im });
export const subtract = (a: LongComplex, b: LongComplex): LongComplex => add(a, negate(b));
export const multiply = (a: LongComplex, b: LongComplex): LongComplex => ({
  re: times(a.re, b.re) - times(a.im, b.im),
  im: times(a.re, b.im) + times(a.im, b.re),
});

export function divide(a: LongComplex, b: LongComplex): LongComplex {
  const size = times(b.re, b.re) + times(b.im, b.im);
  const top = multiply(a, { re: b.re, im: -b.im });
  return { re: over(top.re, size), im: over(top.im, size) };
}

function wholeRoot(x: bigint): bigint {
  if (x < 2n) return x;
  let guess = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + x / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

const realRoot = (x: bigint) => (x < 0n ? fail('root of a negative number') : wholeRoot(x << SHIFT));

export function magnitude(a: LongComplex): LongComplex {
  return real(a.im === 0n ? absolute(a.re) : realRoot(times(a.re, a.re) + times(a.im, a.im)));
}

/** The principal one. */
export function squareRoot(a: LongComplex): LongComplex {
  if (a.im === 0n) return a.re >= 0n ? real(realRoot(a.re)) : { re: 0n, im: realRoot(-a.re) };
  const size = magnitude(a).re;
  const re = realRoot((size + a.re) >> 1n);
  const im = realRoot((size - a.re) >> 1n);
  return { re, im: a.im < 0n ? -im : im };
}

/** Σ term_k until it vanishes. */
function series(first: bigint, next: (term: bigint, k: bigint) => bigint): bigint {
  let sum = 0n;
  let term = first;
  for (let k = 1n; term !== 0n; k++) {
    sum += term;
    term = next(term, k);
  }
  return sum;
}

function realExp(x: bigint): bigint {
  if (absolute(x) > ONE * 700n) return fail('a number that is too large');
  const halvings = 12n;
  const small = x >> halvings;
  let y = series(ONE, (term, k) => times(term, small) / k);
  for (let i = 0n; i < halvings; i++) y = times(y, y);
  return y;
}

function realLog(x: bigint): bigint {
  if (x <= 0n) return fail('logarithm of 0 or less');
  const twos = BigInt(x.toString(2).length) - SHIFT;
  const scaled = twos > 0n ? x >> twos : x << -twos;
  // Halley's steps double the digits from 15 to more than there are.
  let y = fromDouble(Math.log(toDouble(scaled)));
  for (let i = 0; i < 5; i++) {
    const e = realExp(y);
    y += 2n * over(scaled - e, scaled + e);
  }
  return twos === 0n ? y : y + twos * LOG_2();
}

let log2: bigint | null = null;
/** ln 2 = Σ 1 / (k 2^k) */
function LOG_2(): bigint {
  log2 ??= (() => {
    let sum = 0n;
    let power = ONE >> 1n;
    for (let k = 1n; power > 0n; k++, power >>= 1n) sum += power / k;
    return sum;
  })();
  return log2;
}

function realArctan(x: bigint): bigint {
  let y = x;
  const halvings = 5n;
  for (let i = 0n; i < halvings; i++) y = over(y, ONE + realRoot(ONE + times(y, y)));
  const square = times(y, y);
  let sum = 0n;
  let power = y;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += (k % 4n === 1n ? power : -power) / k;
    power = times(power, square);
  }
  return sum << halvings;
}

let circle: bigint | null = null;
export function pi(): LongComplex {
  circle ??= 4n * realArctan(ONE);
  return real(circle);
}

/** [cos x, sin x] */
function turnBy(x: bigint): [bigint, bigint] {
  const whole = 2n * pi().re;
  const angle = x - (x / whole) * whole;
  const square = times(angle, angle);
  const cos = series(ONE, (term, k) => -times(term, square) / ((2n * k - 1n) * (2n * k)));
  const sin = series(angle, (term, k) => -times(term, square) / (2n * k * (2n * k + 1n)));
  return [cos, sin];
}

export function exponential(a: LongComplex): LongComplex {
  const size = realExp(a.re);
  if (a.im === 0n) return real(size);
  const [cos, sin] = turnBy(a.im);
  return { re: times(size, cos), im: times(size, sin) };
}

/** The principal one. */
export function logarithm(a: LongComplex): LongComplex {
  if (a.im === 0n && a.re > 0n) return real(realLog(a.re));
  const re = realLog(magnitude(a).re);
  if (a.im === 0n) return { re, im: pi().re };
  let angle = a.re === 0n ? pi().re / 2n : realArctan(over(absolute(a.im), absolute(a.re)));
  if (a.re < 0n) angle = pi().re - angle;
  return { re, im: a.im < 0n ? -angle : angle };
}

export function wholeNumber(a: LongComplex): number | null {
  const nearest = (a.re + (ONE >> 1n)) >> SHIFT;
  const isWhole = areClose(a, real(nearest << SHIFT)) && absolute(nearest) < 2n ** 50n;
  return isWhole ? Number(nearest) : null;
}

export function power(base: LongComplex, exponent: LongComplex): LongComplex {
  const whole = wholeNumber(exponent);
  if (whole === null) {
    if (base.re === 0n && base.im === 0n) return exponent.re > 0n ? zero : fail('a power of 0');
    return exponential(multiply(exponent, logarithm(base)));
  }
  if (Math.abs(whole) > LONGEST_EXPONENT) return fail('a number that is too large');
  let result = one;
  let square = base;
  for (let n = Math.abs(whole); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result = multiply(result, square);
    if (absolute(square.re) >> (SHIFT + 20_000n) > 0n) fail('a number that is too large');
    square = multiply(square, square);
  }
  return whole < 0 ? divide(one, result) : result;
}

const realOnly = (a: LongComplex) => (a.im === 0n ? a.re : fail('a function of real numbers'));

export const cosine = (a: LongComplex) => real(turnBy(realOnly(a))[0]);
export const sine = (a: LongComplex) => real(turnBy(realOnly(a))[1]);
export const arctangent = (a: LongComplex) => real(realArctan(realOnly(a)));

export function arcsine(a: LongComplex): LongComplex {
  const x = realOnly(a);
  if (absolute(x) > ONE) return fail('an angle with a sine beyond 1');
  if (absolute(x) === ONE) return real((x < 0n ? -pi().re : pi().re) / 2n);
  return real(realArctan(over(x, realRoot(ONE - times(x, x)))));
}

export function areClose(a: LongComplex, b: LongComplex): boolean {
  const sizes = [a.re, a.im, b.re, b.im, ONE].map(absolute);
  const largest = sizes.reduce((most, size) => (size > most ? size : most));
  const allowed = largest >> EQUAL_BITS;
  return absolute(a.re - b.re) <= allowed && absolute(a.im - b.im) <= allowed;
}

export const isZero = (a: LongComplex) => areClose(a, zero);
/** −1, 0, 1 for real numbers. */
export function compareReal(a: LongComplex, b: LongComplex): number {
  if (areClose(a, b)) return 0;
  return realOnly(a) < realOnly(b) ? -1 : 1;
}
