// LaTeX of an answer as a tree, and the value of the tree: what people write in \boxed{…}, read as a mathematician would.
import {
  add,
  arcsine,
  arctangent,
  cosine,
  divide,
  exponential,
  imaginary,
  type LongComplex,
  logarithm,
  magnitude,
  multiply,
  NoValue,
  negate,
  one,
  pi,
  power,
  ratio,
  real,
  sine,
  squareRoot,
  subtract,
  wholeNumber,
} from './longComplex';

export type Expression =
  | { kind: 'number'; value: LongComplex }
  | { kind: 'constant'; name: 'pi' | 'e' | 'i' }
  | { kind: 'variable'; name: string }
  | { kind: 'sum' | 'difference' | 'product' | 'quotient' | 'power'; left: Expression; right: Expression }
  | { kind: 'call'; name: string; args: Expression[] };

/** It is no expression, or none that is read here. */
export class NotRead extends Error {}

const FUNCTIONS = ['ln', 'log', 'sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'arctan', 'arcsin', 'arccos', 'exp'];
const TOKEN = /\\[a-zA-Z]+|\\[%$]|\d+(?:\.\d*)?|\.\d+|[a-zA-Z]|[-+*/^_!|(){}[\],]|\S/g;
const DEEPEST = 60;

const number = (value: LongComplex): Expression => ({ kind: 'number', value });
const whole = (value: number) => number(ratio(BigInt(value), 1n));
const call = (name: string, ...args: Expression[]): Expression => ({ kind: 'call', name, args });
const pair = (
  kind: 'sum' | 'difference' | 'product' | 'quotient' | 'power',
  left: Expression,
  right: Expression,
): Expression => ({
  kind,
  left,
  right,
});

function decimal(text: string): Expression {
  const [before, after = ''] = text.split('.');
  return number(ratio(BigInt(`${before}${after}` || '0'), 10n ** BigInt(after.length)));
}

/** 0.1\overline{6} = (16 − 1) / 90 */
function repeating(text: string, period: string): Expression {
  const [before, after = ''] = text.split('.');
  const head = BigInt(`${before}${after}`);
  const both = BigInt(`${before}${after}${period}`);
  const scale = 10n ** BigInt(after.length) * (10n ** BigInt(period.length) - 1n);
  return number(ratio(both - head, scale));
}

class Parser {
  private readonly tokens: string[];
  private at = 0;
  private depth = 0;
  /** how many |…| are open: a bar closes what is open */
  private bars = 0;

  constructor(text: string) {
    this.tokens = text.match(TOKEN) ?? [];
  }

  all(): Expression {
    const expression = this.sum();
    if (this.at < this.tokens.length) throw new NotRead(this.tokens[this.at]);
    return expression;
  }

  private get next(): string | undefined {
    return this.tokens[this.at];
  }

  private take(token: string): boolean {
    if (this.next !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw new NotRead(`expected ${token}`);
  }

  private sum(): Expression {
    if (++this.depth > DEEPEST) throw new NotRead('nested too deep');
    let left = this.signed();
    for (;;) {
      if (this.take('+')) left = pair('sum', left, this.signed());
      else if (this.take('-')) left = pair('difference', left, this.signed());
      else break;
    }
    this.depth--;
    return left;
  }

  private signed(): Expression {
    if (this.take('-')) return call('minus', this.signed());
    if (this.take('+')) return this.signed();
    return this.product();
  }

  private product(): Expression {
    let left = this.factors();
    for (;;) {
      if (this.take('\\cdot') || this.take('\\times') || this.take('*')) left = pair('product', left, this.sign());
      else if (this.take('/') || this.take('\\div')) left = pair('quotient', left, this.sign());
      else return left;
    }
  }

  /** A factor behind a sign of multiplication may have a sign of its own. */
  private sign(): Expression {
    return this.take('-') ? call('minus', this.factors()) : this.factors();
  }

  private startsFactor(): boolean {
    const { next } = this;
    if (next === undefined) return false;
    if (next === '|') return this.bars === 0;
    return (
      /^[\d.a-zA-Z({]/.test(next) ||
      ['\\frac', '\\sqrt', '\\pi', '\\binom', '\\infty'].includes(next) ||
      this.isFunction(next)
    );
  }

  private isFunction(token: string): boolean {
    return token.startsWith('\\') && FUNCTIONS.includes(token.slice(1));
  }

  /** Factors written beside one another. @param single stops before a function: sin a sin b is a product */
  private factors(single = false): Expression {
    let left = this.raised();
    while (this.startsFactor()) {
      if (single && this.isFunction(this.next as string)) break;
      left = pair('product', left, this.raised());
    }
    return left;
  }

  private raised(): Expression {
    let base = this.atom();
    for (;;) {
      if (this.take('!')) base = call('factorial', base);
      else if (this.take('\\%')) base = pair('quotient', base, whole(100));
      else if (this.next === '^' && this.isDegree()) base = call('degrees', base);
      else if (this.take('^')) base = pair('power', base, this.argument());
      else return base;
    }
  }

  /** ^\circ or ^{\circ} */
  private isDegree(): boolean {
    const rest = this.tokens.slice(this.at + 1, this.at + 4);
    const length = rest[0] === '\\circ' ? 1 : rest.join('') === '{\\circ}' ? 3 : 0;
    if (length > 0) this.at += 1 + length;
    return length > 0;
  }

  /** What a command takes: {…}, or one digit, letter or command: \frac12. */
  private argument(): Expression {
    if (this.take('{')) {
      const bars = this.bars;
      this.bars = 0;
      const inner = this.sum();
      this.bars = bars;
      this.expect('}');
      return inner;
    }
    const { next } = this;
    if (next !== undefined && /^\d{2,}$/.test(next)) {
      this.tokens[this.at] = next.slice(1);
      return decimal(next[0]);
    }
    if (next === '-') {
      this.at++;
      return call('minus', this.argument());
    }
    return this.atom();
  }

  private atom(): Expression {
    const token = this.next;
    if (token === undefined) throw new NotRead('the end');
    this.at++;
    if (/^[\d.]/.test(token)) return this.numeral(token);
    if (token === 'i' || token === 'e') return { kind: 'constant', name: token };
    if (token === '\\pi') return { kind: 'constant', name: 'pi' };
    if (/^[a-zA-Z]$/.test(token)) return this.variable(token);
    if (token === '(' || token === '{' || token === '[') {
      const bars = this.bars;
      this.bars = 0;
      const inner = this.sum();
      this.bars = bars;
      this.expect({ '(': ')', '{': '}', '[': ']' }[token]);
      return inner;
    }
    if (token === '|') {
      this.bars++;
      const inner = this.sum();
      this.expect('|');
      this.bars--;
      return call('magnitude', inner);
    }
    return this.command(token);
  }

  private numeral(token: string): Expression {
    if (this.next === '\\overline' && token.includes('.')) {
      const period = this.tokens[this.at + 2];
      if (this.tokens[this.at + 1] === '{' && /^\d+$/.test(period ?? '') && this.tokens[this.at + 3] === '}') {
        this.at += 4;
        return repeating(token, period);
      }
    }
    // A whole number before a fraction of whole numbers is a mixed number.
    if (this.next === '\\frac' && /^\d+$/.test(token) && this.isPlainFraction()) {
      this.at++;
      return pair('sum', decimal(token), pair('quotient', this.argument(), this.argument()));
    }
    return decimal(token);
  }

  private isPlainFraction(): boolean {
    return (
      /^(?:\{\d+\}|\d)(?:\{\d+\}|\d)/.test(this.tokens.slice(this.at + 1, this.at + 7).join('')) ||
      /^\d{2}$/.test(this.tokens[this.at + 1] ?? '')
    );
  }

  private variable(name: string): Expression {
    if (!this.take('_')) return { kind: 'variable', name };
    const open = this.take('{');
    const index = this.next ?? '';
    if (!/^[\da-zA-Z]+$/.test(index)) throw new NotRead('a subscript');
    this.at++;
    if (open) this.expect('}');
    return { kind: 'variable', name: `${name}_${index}` };
  }

  private command(token: string): Expression {
    if (token === '\\frac') return pair('quotient', this.argument(), this.argument());
    if (token === '\\binom') return call('binomial', this.argument(), this.argument());
    if (token === '\\sqrt') {
      if (!this.take('[')) return call('sqrt', this.argument());
      const degree = this.sum();
      this.expect(']');
      return call('root', this.argument(), degree);
    }
    if (!this.isFunction(token)) throw new NotRead(token);
    const name = token.slice(1);
    const base = name === 'log' && this.take('_') ? this.argument() : null;
    const exponent = this.take('^') ? this.argument() : null;
    const inside = this.take('-') ? call('minus', this.factors(true)) : this.factors(true);
    // log without a base is the natural one, as sympy reads it.
    const applied = base ? call('logOf', inside, base) : call(name === 'log' ? 'ln' : name, inside);
    return exponent ? pair('power', applied, exponent) : applied;
  }
}

/** @throws NotRead */
export function parseExpression(text: string): Expression {
  return new Parser(text).all();
}

export function variablesOf(expression: Expression, into = new Set<string>()): Set<string> {
  if (expression.kind === 'variable') into.add(expression.name);
  else if (expression.kind === 'call') for (const arg of expression.args) variablesOf(arg, into);
  else if ('left' in expression) {
    variablesOf(expression.left, into);
    variablesOf(expression.right, into);
  }
  return into;
}

const LARGEST_FACTORIAL = 500;

function natural(value: LongComplex): number {
  const n = wholeNumber(value);
  if (n === null || n < 0 || n > LARGEST_FACTORIAL) throw new NoValue('a small whole number was expected');
  return n;
}

/** n (n − 1) … of `count` factors */
function falling(n: number, count: number): bigint {
  let product = 1n;
  for (let i = 0; i < count; i++) product *= BigInt(n - i);
  return product;
}

function binomial(n: number, k: number): LongComplex {
  return k > n ? real(0n) : ratio(falling(n, k), falling(k, k));
}

const reciprocal = (value: LongComplex) => divide(one, value);
/** Of a negative number: the real one where there is one, as a school writes it. */
function root(x: LongComplex, degree: LongComplex): LongComplex {
  const odd = Math.abs((wholeNumber(degree) ?? 0) % 2) === 1;
  return odd && x.im === 0n && x.re < 0n ? negate(power(negate(x), reciprocal(degree))) : power(x, reciprocal(degree));
}

const tangent = (x: LongComplex) => divide(sine(x), cosine(x));

const VALUES: Record<string, (...args: LongComplex[]) => LongComplex> = {
  minus: negate,
  factorial: (n) => ratio(falling(natural(n), natural(n)), 1n),
  binomial: (n, k) => binomial(natural(n), natural(k)),
  degrees: (x) => divide(multiply(x, pi()), ratio(180n, 1n)),
  magnitude,
  sqrt: squareRoot,
  root,
  ln: logarithm,
  logOf: (x, base) => divide(logarithm(x), logarithm(base)),
  exp: exponential,
  sin: sine,
  cos: cosine,
  tan: tangent,
  cot: (x) => reciprocal(tangent(x)),
  sec: (x) => reciprocal(cosine(x)),
  csc: (x) => reciprocal(sine(x)),
  arctan: arctangent,
  arcsin: arcsine,
  arccos: (x) => subtract(divide(pi(), ratio(2n, 1n)), arcsine(x)),
};

/** @throws NoValue */
export function evaluate(expression: Expression, variables: ReadonlyMap<string, LongComplex> = new Map()): LongComplex {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'constant':
      return expression.name === 'pi' ? pi() : expression.name === 'i' ? imaginary : exponential(one);
    case 'variable': {
      const value = variables.get(expression.name);
      if (!value) throw new NoValue(expression.name);
      return value;
    }
    case 'call':
      return VALUES[expression.name](...expression.args.map((arg) => evaluate(arg, variables)));
  }
  const right = evaluate(expression.right, variables);
  // e^x by itself: a detour over ln e would cost digits.
  if (expression.kind === 'power' && expression.left.kind === 'constant' && expression.left.name === 'e') {
    return exponential(right);
  }
  const left = evaluate(expression.left, variables);
  switch (expression.kind) {
    case 'sum':
      return add(left, right);
    case 'difference':
      return subtract(left, right);
    case 'product':
      return multiply(left, right);
    case 'quotient':
      return divide(left, right);
    case 'power':
      return power(left, right);
  }
}
