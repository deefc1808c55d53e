// Whether two answers mean the same: numbers in any spelling, expressions with variables, equations, sets, ordered pairs, intervals and
// their unions, matrices, units. Strict where graders differ: 75 % is 3/4 and not 75, 90° is π/2 and not 90, [1, 8) is not (1, 8).
// What cannot be read is equal only to the same text. Never throws; never takes long: lengths and sizes are bounded.
import { areClose, compareReal, divide, isZero, type LongComplex, multiply, NoValue, ratio } from './longComplex';
import { type Expression, evaluate, NotRead, parseExpression, variablesOf } from './mathExpression';
import { normalizeLatex, splitTopLevel, stripBrackets } from './mathText';
import { readUnit } from './mathUnits';

const LONGEST = 400;

/** null: no end */
type End = { value: LongComplex | null; isClosed: boolean };
interface Interval {
  from: End;
  to: End;
}

type Meaning =
  /** in the unit that all of its dimension share, and as it is written */
  | { kind: 'expression'; expression: Expression; written: Expression; dimension: string | null }
  | { kind: 'equation'; left: Expression; right: Expression }
  | { kind: 'list'; items: Meaning[]; isOrdered: boolean }
  | { kind: 'intervals'; parts: Interval[] }
  | { kind: 'matrix'; rows: Expression[][] };

const plainMeaning = (expression: Expression): Meaning => ({
  kind: 'expression',
  expression,
  written: expression,
  dimension: null,
});

const INFINITE = /^[+-]?\\infty$/;

function readEnd(text: string, isClosed: boolean): End {
  if (INFINITE.test(text)) return { value: null, isClosed: false };
  return { value: evaluate(parseExpression(text)), isClosed };
}

/** "[1,8)" and the like; null: no interval. An interval from 8 to 1 is none. */
function readInterval(text: string): Interval | null {
  if (!/^[[(].*[\])]$/.test(text)) return null;
  const ends = splitTopLevel(text.slice(1, -1), ',');
  if (ends.length !== 2) return null;
  const from = readEnd(ends[0], text[0] === '[');
  const to = readEnd(ends[1], text.endsWith(']'));
  if (from.value && to.value && compareReal(from.value, to.value) > 0) throw new NotRead('an interval backwards');
  return { from, to };
}

const compareEnds = (a: LongComplex | null, b: LongComplex | null, none: number) =>
  a && b ? compareReal(a, b) : a ? -none : b ? none : 0;

/** In order, with those joined that touch. */
function joinIntervals(parts: readonly Interval[]): Interval[] {
  const sorted = [...parts].sort(
    (a, b) => compareEnds(a.from.value, b.from.value, -1) || Number(b.from.isClosed) - Number(a.from.isClosed),
  );
  const joined: Interval[] = [];
  for (const part of sorted) {
    const last = joined.at(-1);
    const gap = last && (last.to.value && part.from.value ? compareReal(part.from.value, last.to.value) : -1);
    const touches = gap !== undefined && (gap < 0 || (gap === 0 && (last?.to.isClosed || part.from.isClosed)));
    if (!last || !touches) {
      joined.push({ ...part });
      continue;
    }
    const further = compareEnds(part.to.value, last.to.value, 1);
    if (further > 0 || (further === 0 && part.to.isClosed)) last.to = part.to;
  }
  return joined;
}

function readUnion(text: string): Interval[] | null {
  const without = /^\\mathbb\{?R\}?(?:\\setminus|\\backslash)\\\{(.+)\\\}$/.exec(text);
  if (without) {
    const points = splitTopLevel(without[1], ',')
      .map((point) => evaluate(parseExpression(point)))
      .sort(compareReal);
    const ends: (LongComplex | null)[] = [null, ...points, null];
    return points.concat(points[0]).map((_, i) => ({
      from: { value: ends[i], isClosed: false },
      to: { value: ends[i + 1], isClosed: false },
    }));
  }
  if (/^\\mathbb\{?R\}?$/.test(text))
    return [{ from: { value: null, isClosed: false }, to: { value: null, isClosed: false } }];
  if (!text.includes('\\cup')) return null;
  return text.split('\\cup').map((part) => readInterval(part) ?? readPoint(part));
}

/** {3} in a union */
function readPoint(text: string): Interval {
  const inside = /^\\\{([^,]+)\\\}$/.exec(text);
  if (!inside) throw new NotRead(text);
  const end = { value: evaluate(parseExpression(inside[1])), isClosed: true };
  return { from: end, to: end };
}

/** "x \in (1, 8]", "1 < x \leq 8", "x > 3" */
function readRelation(text: string): Interval[] | null {
  const inside = /^[a-zA-Z]\\in(.+)$/.exec(text);
  if (inside) return readUnion(inside[1]) ?? [readInterval(inside[1]) ?? readPoint(inside[1])];
  const parts = text.split(/(<|>|\\leq?(?![a-z])|\\geq?(?![a-z])|\\lt|\\gt)/);
  if (parts.length !== 3 && parts.length !== 5) return null;
  const bounds: Interval = { from: { value: null, isClosed: false }, to: { value: null, isClosed: false } };
  const middle = parts.length === 5 ? 2 : parts.findIndex((part, i) => i % 2 === 0 && /^[a-zA-Z]$/.test(part));
  if (middle < 0 || !/^[a-zA-Z]$/.test(parts[middle])) throw new NotRead(text);
  for (let i = 1; i < parts.length; i += 2) {
    const isBelow = /<|\\l/.test(parts[i]);
    const isClosed = parts[i].includes('e');
    const other = i < middle ? parts[i - 1] : parts[i + 1];
    const end = readEnd(other, isClosed);
    // "1 < x" bounds from below, "x < 1" from above.
    if (isBelow === i < middle) bounds.from = end;
    else bounds.to = end;
  }
  return [bounds];
}

const MATRIX = /^(.*)\\begin\{([pbvB]?)matrix\}(.+)\\end\{\2matrix\}$/;

function readMatrix(text: string): Meaning | null {
  const match = MATRIX.exec(text);
  if (!match) return null;
  const factor = match[1] === '' ? null : parseExpression(match[1] === '-' ? '-1' : match[1]);
  const rows = match[3].split('\\\\').map((row) =>
    row.split('&').map((cell): Expression => {
      const expression = parseExpression(cell);
      return factor ? { kind: 'product', left: factor, right: expression } : expression;
    }),
  );
  return { kind: 'matrix', rows };
}

/** 1010_2, 2F_{16} */
function readInBase(text: string): Meaning | null {
  const match = /^([0-9A-F]+)_(?:\{(\d+)\}|(\d))$/.exec(text);
  if (!match) return null;
  const base = Number(match[2] ?? match[3]);
  let value = 0n;
  for (const digit of match[1]) {
    const worth = Number.parseInt(digit, 16);
    if (base < 2 || base > 16 || worth >= base) throw new NotRead(text);
    value = value * BigInt(base) + BigInt(worth);
  }
  return plainMeaning({ kind: 'number', value: ratio(value, 1n) });
}

function readList(text: string, isOrdered: boolean): Meaning {
  const items = splitTopLevel(text, ',').map(readMeaning);
  return { kind: 'list', items, isOrdered };
}

function readQuantity(text: string): Meaning {
  const { number, factor, dimension } = readUnit(text);
  const plain = parseExpression(number);
  const expression: Expression =
    factor === null ? plain : { kind: 'product', left: plain, right: { kind: 'number', value: factor } };
  return { kind: 'expression', expression, written: plain, dimension };
}

/** @throws NotRead or NoValue */
function readMeaning(text: string): Meaning {
  const matrix = readMatrix(text);
  if (matrix) return matrix;
  const intervals = readUnion(text) ?? readRelation(text);
  if (intervals) return { kind: 'intervals', parts: joinIntervals(intervals) };
  const braced = stripBrackets(text, '\\{', '\\}');
  if (braced !== null) return readList(braced, false);
  const round = stripBrackets(text, '(', ')');
  if (round !== null && splitTopLevel(round, ',').length > 1) {
    if (round.includes('\\infty')) return { kind: 'intervals', parts: [readInterval(text) ?? readPoint(text)] };
    return readList(round, true);
  }
  if (/^[[(].*[\])]$/.test(text) && splitTopLevel(text.slice(1, -1), ',').length === 2) {
    const interval = readInterval(text);
    if (interval) return { kind: 'intervals', parts: [interval] };
  }
  if (splitTopLevel(text, ',').length > 1) return readList(text, false);
  if (text.includes('\\pm')) {
    return {
      kind: 'list',
      items: ['+', '-'].map((sign) => readMeaning(text.replaceAll('\\pm', sign))),
      isOrdered: false,
    };
  }
  const sides = text.split('=');
  if (sides.length === 2)
    return { kind: 'equation', left: parseExpression(sides[0]), right: parseExpression(sides[1]) };
  return readInBase(text) ?? readQuantity(text);
}

/** Values at which expressions are compared: no special number, both signs, another one per variable and trial. */
function pointFor(name: string, trial: number): LongComplex {
  let seed = trial * 7919 + 104_729;
  for (const c of name) seed = (seed * 31 + c.charCodeAt(0)) % 1_000_003;
  const value = ratio(BigInt(1 + (seed % 2999)), 1009n);
  // All below 0 once, then some: a root of a square is no plain number there.
  const isBelow = trial === 1 || (trial > 2 && (seed + trial) % 2 === 0);
  return isBelow ? multiply(value, ratio(-1n, 1n)) : value;
}

const TRIALS = 6;
const NEEDED = 3;

/** Both at the same points; points where one has no value do not count. null: too few with values */
function* valuePairs(a: readonly Expression[], b: readonly Expression[]): Generator<[LongComplex[], LongComplex[]]> {
  const names = new Set([...a, ...b].flatMap((expression) => [...variablesOf(expression)]));
  for (let trial = 0; trial < (names.size === 0 ? 1 : TRIALS); trial++) {
    const at = new Map([...names].map((name) => [name, pointFor(name, trial)]));
    try {
      yield [a.map((one) => evaluate(one, at)), b.map((one) => evaluate(one, at))];
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
    }
  }
}

function areExpressionsEqual(a: Expression, b: Expression): boolean {
  let seen = 0;
  for (const [[left], [right]] of valuePairs([a], [b])) {
    if (!areClose(left, right)) return false;
    seen++;
  }
  return seen >= (variablesOf(a).size + variablesOf(b).size === 0 ? 1 : NEEDED);
}

/** Equal when their differences of sides are in one ratio everywhere. */
function areEquationsEqual(a: Extract<Meaning, { kind: 'equation' }>, b: typeof a): boolean {
  const side = ({ left, right }: typeof a): Expression => ({ kind: 'difference', left, right });
  let first: LongComplex | null = null;
  let seen = 0;
  for (const [[one], [other]] of valuePairs([side(a)], [side(b)])) {
    if (isZero(one) || isZero(other)) {
      if (isZero(one) !== isZero(other)) return false;
      continue;
    }
    const quotient = divide(one, other);
    first ??= quotient;
    if (!areClose(first, quotient)) return false;
    seen++;
  }
  return seen >= NEEDED;
}

function areListsEqual(a: Meaning[], b: Meaning[], isOrdered: boolean): boolean {
  if (isOrdered) return a.length === b.length && a.every((item, i) => areSame(item, b[i]));
  const covers = (some: Meaning[], all: Meaning[]) => all.every((item) => some.some((other) => areSame(item, other)));
  return covers(a, b) && covers(b, a);
}

function areIntervalsEqual(a: Interval[], b: Interval[]): boolean {
  const same = (x: End, y: End) => x.isClosed === y.isClosed && compareEnds(x.value, y.value, 1) === 0;
  return a.length === b.length && a.every(({ from, to }, i) => same(from, b[i].from) && same(to, b[i].to));
}

/** (1, 8) may be a pair or an open interval. */
function asInterval(meaning: Meaning): Interval[] | null {
  if (meaning.kind === 'intervals') return meaning.parts;
  if (meaning.kind !== 'list' || !meaning.isOrdered || meaning.items.length !== 2) return null;
  const ends = meaning.items.map((item): End | null =>
    item.kind === 'expression' && item.dimension === null
      ? { value: evaluate(item.expression), isClosed: false }
      : null,
  );
  return ends[0] && ends[1] ? [{ from: ends[0], to: ends[1] }] : null;
}

/** "x = 5" says the same as "5". */
function plainValue(meaning: Meaning): Meaning {
  if (meaning.kind !== 'equation' || meaning.left.kind !== 'variable' || variablesOf(meaning.right).size > 0)
    return meaning;
  return plainMeaning(meaning.right);
}

function areSame(a: Meaning, b: Meaning): boolean {
  if (a.kind === 'equation' && b.kind === 'equation') return areEquationsEqual(a, b);
  if (a.kind === 'equation' || b.kind === 'equation') {
    const [left, right] = [plainValue(a), plainValue(b)];
    return left.kind !== 'equation' && right.kind !== 'equation' && areSame(left, right);
  }
  if (a.kind === 'expression' && b.kind === 'expression') {
    // A number without a unit is taken to be in the other's.
    if (a.dimension === null || b.dimension === null) return areExpressionsEqual(a.written, b.written);
    return a.dimension === b.dimension && areExpressionsEqual(a.expression, b.expression);
  }
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    return (
      a.rows.length === b.rows.length &&
      a.rows.every(
        (row, i) => row.length === b.rows[i].length && row.every((cell, j) => areExpressionsEqual(cell, b.rows[i][j])),
      )
    );
  }
  if (a.kind === 'list' && b.kind === 'list') {
    return a.isOrdered === b.isOrdered && areListsEqual(a.items, b.items, a.isOrdered);
  }
  const [left, right] = [asInterval(a), asInterval(b)];
  return left !== null && right !== null && areIntervalsEqual(left, right);
}

/** @param gold the right answer @param answer what was given; both as they stand in \boxed{…} or behind #### */
export function areMathEqual(gold: string, answer: string): boolean {
  const [left, right] = [normalizeLatex(gold), normalizeLatex(answer)];
  if (left === '' || right === '') return false;
  if (left === right) return true;
  if (left.length > LONGEST || right.length > LONGEST) return false;
  try {
    return areSame(readMeaning(left), readMeaning(right));
  } catch (error) {
    if (error instanceof NotRead || error instanceof NoValue || error instanceof RangeError) return false;
    throw error;
  }
}
