// A model's chat template: Jinja as Hugging Face runs it (trim_blocks, lstrip_blocks, loop controls, tojson without escapes), parsed by
// @huggingface/jinja and run by our own interpreter, which counts every step.
import { parse, tokenize } from '@huggingface/jinja';
import { StudioError } from '../protocol/errors';
import { Scope } from './jinja/expressions';
import type { Node } from './jinja/nodes';
import { GENERATION, Output, Statements } from './jinja/statements';
import { Allowance, Callable, Namespace, TemplateError, toValue, type Value, writeText } from './jinja/values';

export interface RenderedChat {
  text: string;
  /** [start, end) of what the assistant writes itself, where the template marks it */
  spans: [start: number, end: number][];
}

export interface ChatTemplate {
  /** whether the template marks what the assistant writes */
  marksAssistant: boolean;
  /** @param variables messages, add_generation_prompt, bos_token, … @throws StudioError('input') with the template's own complaint */
  render(variables: Record<string, unknown>): RenderedChat;
}

/** The longest on the hub has some 20,000 characters. */
const LONGEST_TEMPLATE = 200_000;
/** The parser looks for tags behind every blank of a run. */
const LONGEST_BLANKS = 1000;
/** Characters and steps (10 each) of a render, and more for long conversations: templates write them a few times over. */
const ALLOWANCE = 10_000_000;
const PER_CHARACTER = 50;
/** range(n) makes at most so many numbers. */
const LONGEST_RANGE = 100_000;

const refuse = (message: string): never => {
  throw new StudioError('model', `chat template: ${message} Choose another template.`);
};

function range(args: Value[], allowance: Allowance): Value {
  const numbers = args.map((arg) => {
    if (typeof arg === 'number' && Number.isInteger(arg)) return arg;
    throw new TemplateError('range() expects whole numbers');
  });
  const [from, to, step] = numbers.length < 2 ? [0, numbers[0] ?? 0, 1] : [numbers[0], numbers[1], numbers[2] ?? 1];
  if (step === 0) throw new TemplateError('range() needs a step other than 0');
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (count > LONGEST_RANGE)
    throw new TemplateError(`range() of at most ${LONGEST_RANGE} numbers was expected, got ${count}`);
  allowance.spend(10 * count);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** strftime_now: some templates write today's date into the system message. */
function writeDate(format: string): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const month = (form: 'long' | 'short') => now.toLocaleString('en-US', { month: form });
  const day = (form: 'long' | 'short') => now.toLocaleString('en-US', { weekday: form });
  const fields: Record<string, () => string> = {
    Y: () => String(now.getFullYear()),
    m: () => two(now.getMonth() + 1),
    d: () => two(now.getDate()),
    b: () => month('short'),
    B: () => month('long'),
    a: () => day('short'),
    A: () => day('long'),
    H: () => two(now.getHours()),
    M: () => two(now.getMinutes()),
    S: () => two(now.getSeconds()),
    '%': () => '%',
  };
  return format.slice(0, 200).replace(/%([YmdbBaAHMS%])/g, (_, field: string) => fields[field]());
}

function globalsOf(variables: Record<string, unknown>, allowance: Allowance): Scope {
  const scope = new Scope();
  const define = (name: string, value: Value) => scope.names.set(name, value);
  for (const [name, value] of [
    ['true', true],
    ['false', false],
    ['none', null],
  ] as const) {
    define(name, value);
    define(name[0].toUpperCase() + name.slice(1), value);
  }
  define('range', new Callable((args) => range(args, allowance)));
  define('strftime_now', new Callable(([format]) => writeDate(writeText(format, allowance))));
  define(
    'namespace',
    new Callable((_args, named) => {
      const space = new Namespace();
      for (const [key, value] of named) space.fields.set(key, value);
      return space;
    }),
  );
  define('dict', new Callable((_args, named) => new Map(named)));
  define(
    'raise_exception',
    new Callable(([message]) => {
      throw new TemplateError(writeText(message, allowance));
    }),
  );
  for (const [name, value] of Object.entries(variables)) define(name, toValue(value));
  return scope;
}

function parseTemplate(source: string): Node {
  if (source.length > LONGEST_TEMPLATE) {
    refuse(`expected at most ${LONGEST_TEMPLATE} characters, got ${source.length}.`);
  }
  if (new RegExp(`\\s{${LONGEST_BLANKS}}`).test(source))
    refuse(`expected fewer than ${LONGEST_BLANKS} blanks in a row.`);
  // The parser throws these tags away; as calls of a block they keep their place, and their scope as in the original.
  const marked = source
    .replace(/\{%(-?)\s*generation\s*(-?)%\}/g, `{%$1 call ${GENERATION}() $2%}`)
    .replace(/\{%(-?)\s*endgeneration\s*(-?)%\}/g, '{%$1 endcall $2%}');
  try {
    // The package does not export the types of its tree; nodes.ts describes it.
    return parse(tokenize(marked, { trim_blocks: true, lstrip_blocks: true })) as unknown as Node;
  } catch (error) {
    return refuse(`expected valid Jinja, got: ${error instanceof Error ? error.message.slice(0, 200) : error}.`);
  }
}

/** @throws StudioError('model') for a template that is no Jinja */
export function compileChatTemplate(source: string): ChatTemplate {
  const program = parseTemplate(source);
  return {
    marksAssistant: /\{%-?\s*generation\s*-?%\}/.test(source),
    render(variables) {
      const allowance = new Allowance(ALLOWANCE + PER_CHARACTER * JSON.stringify(variables).length);
      const out = new Output();
      try {
        new Statements(allowance, globalsOf(variables, allowance)).run(program, out);
      } catch (error) {
        if (error instanceof StudioError) throw error;
        if (error instanceof TemplateError) {
          throw new StudioError(
            'input',
            `chat template: expected messages it can write, it says: ${error.message.slice(0, 500)}. Change the messages.`,
          );
        }
        // Macros that call themselves overflow the stack.
        refuse(`expected one that ends, got: ${error instanceof Error ? error.message : error}.`);
      }
      return { text: out.text, spans: out.spans };
    },
  };
}
