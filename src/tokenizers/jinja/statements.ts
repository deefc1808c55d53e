// Statements of a template: what writes text, sets variables, loops and defines macros; and where the assistant's own text lies in it.
import { Expressions, Scope } from './expressions';
import type { CallBlock, For, Macro, Node, Parameter, SetNode } from './nodes';
import {
  type Allowance,
  Callable,
  isTrue,
  itemsOf,
  Namespace,
  nameOfType,
  TemplateError,
  type Value,
  writeText,
} from './values';

/** Text as it is written. */
export class Output {
  private readonly parts: string[] = [];
  length = 0;
  /** [start, end) of what stood between {% generation %} and {% endgeneration %} */
  readonly spans: [start: number, end: number][] = [];

  write(text: string): void {
    this.parts.push(text);
    this.length += text.length;
  }

  get text(): string {
    return this.parts.join('');
  }
}

/** The name the tags {% generation %} are called by after chatTemplate.ts has rewritten them as calls. */
export const GENERATION = 'generation';

type Leap = 'break' | 'continue' | undefined;

export class Statements extends Expressions {
  constructor(
    allowance: Allowance,
    private readonly globals: Scope,
  ) {
    super(allowance);
  }

  run(program: Node, out: Output): void {
    if (program.type !== 'Program') throw new TemplateError('a template was expected');
    this.block(program.body, new Scope(this.globals), out);
  }

  private block(nodes: readonly Node[], scope: Scope, out: Output): Leap {
    for (const node of nodes) {
      const leap = this.statement(node, scope, out);
      if (leap) return leap;
    }
    return undefined;
  }

  private capture(nodes: readonly Node[], scope: Scope): string {
    const out = new Output();
    this.block(nodes, scope, out);
    return this.allowance.text(out.text);
  }

  private statement(node: Node, scope: Scope, out: Output): Leap {
    switch (node.type) {
      case 'If':
        this.allowance.spend(10);
        return this.block(isTrue(this.evaluate(node.test, scope)) ? node.body : node.alternate, scope, out);
      case 'For':
        this.loop(node, scope, out);
        return undefined;
      case 'Set':
        this.set(node, scope);
        return undefined;
      case 'Macro':
        scope.names.set(node.name.value, this.macro(node, scope));
        return undefined;
      case 'CallStatement':
        this.callBlock(node, scope, out);
        return undefined;
      case 'FilterStatement':
        this.write(this.filter(node.filter, this.capture(node.body, scope), scope), out);
        return undefined;
      case 'Break':
        return 'break';
      case 'Continue':
        return 'continue';
      case 'Comment':
        return undefined;
      default:
        this.write(this.evaluate(node, scope), out);
        return undefined;
    }
  }

  private write(value: Value, out: Output): void {
    out.write(this.allowance.text(writeText(value, this.allowance)));
  }

  private assign(target: Node, value: Value, scope: Scope): void {
    if (target.type === 'Identifier') {
      scope.names.set(target.value, value);
      return;
    }
    if (target.type === 'TupleLiteral' || target.type === 'ArrayLiteral') {
      const items = itemsOf(value);
      if (items.length !== target.value.length) {
        throw new TemplateError(`${target.value.length} values were expected, got ${items.length}`);
      }
      target.value.forEach((part, i) => {
        this.assign(part, items[i], scope);
      });
      return;
    }
    if (target.type === 'MemberExpression' && target.property.type === 'Identifier' && !target.computed) {
      const owner = this.evaluate(target.object, scope);
      if (owner instanceof Namespace) {
        owner.fields.set(target.property.value, value);
        return;
      }
    }
    throw new TemplateError('only variables and attributes of a namespace can be set');
  }

  private set(node: SetNode, scope: Scope): void {
    this.assign(node.assignee, node.value ? this.evaluate(node.value, scope) : this.capture(node.body, scope), scope);
  }

  private loop(node: For, scope: Scope, out: Output): void {
    const filtered = node.iterable.type === 'SelectExpression' ? node.iterable : null;
    const all = itemsOf(this.evaluate(filtered ? filtered.lhs : node.iterable, scope) ?? []);
    this.allowance.spend(10 * (1 + all.length));
    const items = all.filter((item) => {
      if (!filtered) return true;
      const inner = new Scope(scope);
      this.assign(node.loopvar, item, inner);
      return isTrue(this.evaluate(filtered.test, inner));
    });
    for (let i = 0; i < items.length; i++) {
      // What a round sets is gone in the next one.
      const inner = new Scope(scope);
      inner.names.set('loop', this.loopFacts(items, i));
      this.assign(node.loopvar, items[i], inner);
      if (this.block(node.body, inner, out) === 'break') break;
    }
    if (items.length === 0) this.block(node.defaultBlock, scope, out);
  }

  private loopFacts(items: Value[], i: number): Value {
    this.allowance.spend(20);
    return new Map<string, Value>([
      ['index', i + 1],
      ['index0', i],
      ['revindex', items.length - i],
      ['revindex0', items.length - i - 1],
      ['first', i === 0],
      ['last', i === items.length - 1],
      ['length', items.length],
      ['previtem', items[i - 1]],
      ['nextitem', items[i + 1]],
    ]);
  }

  private bind(parameters: readonly Parameter[], args: Value[], named: Map<string, Value>, scope: Scope): void {
    parameters.forEach((parameter, i) => {
      const name = parameter.type === 'Identifier' ? parameter.value : parameter.key.value;
      const given = i < args.length ? args[i] : named.get(name);
      const fallback = parameter.type === 'Identifier' ? undefined : parameter.value;
      scope.names.set(name, given === undefined && fallback ? this.evaluate(fallback, scope) : given);
    });
  }

  private macro(node: Macro, scope: Scope): Callable {
    return new Callable((args, named) => {
      if (args.length > node.args.length) {
        throw new TemplateError(`${node.name.value}() takes ${node.args.length} values, got ${args.length}`);
      }
      const inner = new Scope(scope);
      if (named.has('caller')) inner.names.set('caller', named.get('caller'));
      this.bind(node.args, args, named, inner);
      return this.capture(node.body, inner);
    });
  }

  private callBlock(node: CallBlock, scope: Scope, out: Output): void {
    if (node.call.callee.type === 'Identifier' && node.call.callee.value === GENERATION) {
      const start = out.length;
      this.block(node.body, new Scope(scope), out);
      out.spans.push([start, out.length]);
      return;
    }
    const callee = this.evaluate(node.call.callee, scope);
    if (!(callee instanceof Callable)) throw new TemplateError(`${nameOfType(callee)} cannot be called`);
    const { list, named } = this.argumentsOf(node.call.args, scope);
    named.set(
      'caller',
      new Callable((args, callerNamed) => {
        const inner = new Scope(scope);
        this.bind(node.callerArgs ?? [], args, callerNamed, inner);
        return this.capture(node.body, inner);
      }),
    );
    this.write(callee.call(list, named), out);
  }
}
