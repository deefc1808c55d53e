// Expressions of a template: numbers as Python counts, texts, lists, attributes, filters, calls.
import { applyFilter, applyTest, isIn } from './filters';
import { readAttribute, readItem } from './methods';
import type { Binary, Call, Identifier, Member, Node, Slice } from './nodes';
import {
  type Allowance,
  areEqual,
  Callable,
  compareValues,
  Float,
  isNumber,
  isTrue,
  nameOfType,
  numberOf,
  TemplateError,
  type Value,
  writeText,
} from './values';

/** Variables; what is not here is looked for outside. */
export class Scope {
  readonly names = new Map<string, Value>();
  constructor(private readonly outer: Scope | null = null) {}

  read(name: string): Value {
    for (let scope: Scope | null = this; scope; scope = scope.outer) {
      if (scope.names.has(name)) return scope.names.get(name);
    }
    return undefined;
  }
}

function calculate(sign: string, left: number | boolean | Float, right: number | boolean | Float): Value {
  const a = numberOf(left);
  const b = numberOf(right);
  const asFloat = left instanceof Float || right instanceof Float;
  const number = (value: number) => (asFloat ? new Float(value) : value);
  if (['/', '//', '%'].includes(sign) && b === 0) throw new TemplateError('division by zero');
  switch (sign) {
    case '+':
      return number(a + b);
    case '-':
      return number(a - b);
    case '*':
      return number(a * b);
    case '/':
      return new Float(a / b);
    case '//':
      return number(Math.floor(a / b));
    case '%':
      return number(a - b * Math.floor(a / b));
    case '**':
      return asFloat || b < 0 ? new Float(a ** b) : a ** b;
    default:
      throw new TemplateError(`numbers know no "${sign}"`);
  }
}

function repeat(value: string | Value[], count: number, allowance: Allowance): Value {
  const times = Math.max(0, Math.trunc(count));
  allowance.spend(10 + value.length * times);
  if (typeof value === 'string') return value.repeat(times);
  return Array.from({ length: times }, () => value).flat();
}

export class Expressions {
  constructor(protected readonly allowance: Allowance) {}

  evaluate(node: Node, scope: Scope): Value {
    this.allowance.spend(10);
    switch (node.type) {
      case 'Identifier':
        return scope.read(node.value);
      case 'IntegerLiteral':
      case 'StringLiteral':
        return node.value;
      case 'FloatLiteral':
        return new Float(node.value);
      case 'ArrayLiteral':
      case 'TupleLiteral':
        return node.value.map((item) => this.evaluate(item, scope));
      case 'ObjectLiteral':
        return new Map(
          [...node.value].map(([key, item]) => [
            writeText(this.evaluate(key, scope), this.allowance),
            this.evaluate(item, scope),
          ]),
        );
      case 'MemberExpression':
        return this.member(node, scope);
      case 'CallExpression':
        return this.call(node, scope);
      case 'BinaryExpression':
        return this.binary(node, scope);
      case 'UnaryExpression':
        return this.unary(node.operator.value, this.evaluate(node.argument, scope));
      case 'FilterExpression':
        return this.filter(node.filter, this.evaluate(node.operand, scope), scope);
      case 'TestExpression':
        return this.test(node.test, this.evaluate(node.operand, scope), scope) !== node.negate;
      case 'Ternary':
        return this.evaluate(isTrue(this.evaluate(node.condition, scope)) ? node.trueExpr : node.falseExpr, scope);
      // "a if b" without an else
      case 'SelectExpression':
        return isTrue(this.evaluate(node.test, scope)) ? this.evaluate(node.lhs, scope) : undefined;
      default:
        throw new TemplateError(`${node.type} is not implemented`);
    }
  }

  protected argumentsOf(args: readonly Node[], scope: Scope): { list: Value[]; named: Map<string, Value> } {
    const list: Value[] = [];
    const named = new Map<string, Value>();
    for (const arg of args) {
      if (arg.type === 'KeywordArgumentExpression') named.set(arg.key.value, this.evaluate(arg.value, scope));
      else if (arg.type === 'SpreadExpression') {
        const spread = this.evaluate(arg.argument, scope);
        if (!Array.isArray(spread)) throw new TemplateError(`* expects a list, got ${nameOfType(spread)}`);
        for (const item of spread) list.push(item);
      } else if (arg.type === 'KeywordSpreadExpression') {
        const spread = this.evaluate(arg.argument, scope);
        if (!(spread instanceof Map)) throw new TemplateError(`** expects a dict, got ${nameOfType(spread)}`);
        for (const [key, item] of spread) named.set(key, item);
      } else list.push(this.evaluate(arg, scope));
    }
    this.allowance.spend(list.length + named.size);
    return { list, named };
  }

  protected filter(filter: Identifier | Call, value: Value, scope: Scope): Value {
    if (filter.type === 'Identifier') return applyFilter(filter.value, value, [], new Map(), this.allowance);
    if (filter.callee.type !== 'Identifier') throw new TemplateError('a filter needs a name');
    const { list, named } = this.argumentsOf(filter.args, scope);
    return applyFilter(filter.callee.value, value, list, named, this.allowance);
  }

  private test(test: Identifier | Call, value: Value, scope: Scope): boolean {
    if (test.type === 'Identifier') return applyTest(test.value, value, undefined, this.allowance);
    if (test.callee.type !== 'Identifier') throw new TemplateError('a test needs a name');
    return applyTest(test.callee.value, value, this.argumentsOf(test.args, scope).list[0], this.allowance);
  }

  private call(node: Call, scope: Scope): Value {
    const callee = this.evaluate(node.callee, scope);
    if (!(callee instanceof Callable)) throw new TemplateError(`${nameOfType(callee)} cannot be called`);
    const { list, named } = this.argumentsOf(node.args, scope);
    return callee.call(list, named);
  }

  private member(node: Member, scope: Scope): Value {
    const value = this.evaluate(node.object, scope);
    if (!node.computed) {
      if (node.property.type === 'IntegerLiteral') return readItem(value, node.property.value, this.allowance);
      if (node.property.type !== 'Identifier') throw new TemplateError('an attribute needs a name');
      return readAttribute(value, node.property.value, this.allowance);
    }
    if (node.property.type === 'SliceExpression') return this.slice(value, node.property, scope);
    return readItem(value, this.evaluate(node.property, scope), this.allowance);
  }

  private slice(value: Value, node: Slice, scope: Scope): Value {
    if (!Array.isArray(value) && typeof value !== 'string')
      throw new TemplateError(`${nameOfType(value)} cannot be cut`);
    const bound = (part: Node | undefined) => {
      const at = part ? this.evaluate(part, scope) : null;
      if (at === null || (typeof at === 'number' && Number.isInteger(at))) return at;
      throw new TemplateError(`a slice expects whole numbers, got ${nameOfType(at)}`);
    };
    const step = bound(node.step) ?? 1;
    if (step === 0) throw new TemplateError('a slice needs a step other than 0');
    this.allowance.spend(value.length);
    const items: Value[] = typeof value === 'string' ? [...value] : value;
    const low = step > 0 ? 0 : -1;
    const high = step > 0 ? items.length : items.length - 1;
    const place = (at: number | null, fallback: number) =>
      at === null ? fallback : Math.min(Math.max(at < 0 ? items.length + at : at, low), high);
    const from = place(bound(node.start), step > 0 ? low : high);
    const to = place(bound(node.stop), step > 0 ? high : low);
    const kept: Value[] = [];
    for (let i = from; step > 0 ? i < to : i > to; i += step) kept.push(items[i]);
    return typeof value === 'string' ? kept.join('') : kept;
  }

  private unary(sign: string, value: Value): Value {
    if (sign === 'not') return !isTrue(value);
    if (!isNumber(value)) throw new TemplateError(`"${sign}" expects a number, got ${nameOfType(value)}`);
    const number = sign === '-' ? -numberOf(value) : numberOf(value);
    return value instanceof Float ? new Float(number) : number;
  }

  private binary(node: Binary, scope: Scope): Value {
    const sign = node.operator.value;
    const left = this.evaluate(node.left, scope);
    if (sign === 'and') return isTrue(left) ? this.evaluate(node.right, scope) : left;
    if (sign === 'or') return isTrue(left) ? left : this.evaluate(node.right, scope);
    const right = this.evaluate(node.right, scope);
    switch (sign) {
      case '==':
        return areEqual(left, right, this.allowance);
      case '!=':
        return !areEqual(left, right, this.allowance);
      case 'in':
        return isIn(left, right, this.allowance);
      case 'not in':
        return !isIn(left, right, this.allowance);
      case '~':
        return this.allowance.text(writeText(left, this.allowance) + writeText(right, this.allowance));
      case '<':
        return compareValues(left, right, this.allowance) < 0;
      case '>':
        return compareValues(left, right, this.allowance) > 0;
      case '<=':
        return compareValues(left, right, this.allowance) <= 0;
      case '>=':
        return compareValues(left, right, this.allowance) >= 0;
      default:
        return this.combine(sign, left, right);
    }
  }

  private combine(sign: string, left: Value, right: Value): Value {
    if (isNumber(left) && isNumber(right)) return calculate(sign, left, right);
    if (sign === '+' && typeof left === 'string' && typeof right === 'string') return this.allowance.text(left + right);
    if (sign === '+' && Array.isArray(left) && Array.isArray(right)) {
      this.allowance.spend(10 + left.length + right.length);
      return [...left, ...right];
    }
    if (sign === '*' && typeof right === 'number' && (typeof left === 'string' || Array.isArray(left))) {
      return repeat(left, right, this.allowance);
    }
    throw new TemplateError(`"${sign}" between ${nameOfType(left)} and ${nameOfType(right)}`);
  }
}
