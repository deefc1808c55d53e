// Patterns in tokenizer.json are Oniguruma's. This turns one into a JavaScript pattern (flags "gu") that matches the same text, or
// refuses it by name. The traps: Oniguruma's \s is Unicode's White_Space (with U+0085, without U+FEFF, JavaScript has it the other way
// round), (?i:s) also matches "ſ", ^ and $ stand at every line, X?+ is possessive, and letters may be escaped at will.
import { refuseTokenizer } from './readFields';

const SPACE = '\\p{White_Space}';
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}';

/** What stands for an escaped letter outside and inside of [ ]; null inside: not possible there. */
const CLASSES: Record<string, [outside: string, inside: string | null]> = {
  s: [`[${SPACE}]`, SPACE],
  S: [`[^${SPACE}]`, '\\P{White_Space}'],
  d: ['\\p{Nd}', '\\p{Nd}'],
  D: ['\\P{Nd}', '\\P{Nd}'],
  w: [`[${WORD}]`, WORD],
  W: [`[^${WORD}]`, null],
  h: ['[0-9a-fA-F]', '0-9a-fA-F'],
  A: ['(?<![\\s\\S])', null],
  z: ['(?![\\s\\S])', null],
  b: [`(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`, null],
};

const CONTROLS: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
  '0': '\0',
};

const escapeLiteral = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, (c) => (c === '-' ? '\\x2d' : `\\${c}`));
const hex = (text: string) => `\\u{${text.codePointAt(0)?.toString(16)}}`;

/** All single characters that fold to the same as `c`. */
function caseVariants(c: string): string[] {
  const variants = new Set([c, c.toLowerCase(), c.toUpperCase()]);
  // The two letters beyond ASCII that fold into it.
  if (variants.has('s')) variants.add('ſ');
  if (variants.has('k')) variants.add('K');
  if (c === 'ſ') variants.add('s').add('S');
  return [...variants].filter((variant) => [...variant].length === 1);
}

/** Longer patterns than any model's, and a bound for the work of compiling. */
const LONGEST_PATTERN = 4096;

class Translator {
  private at = 0;
  private readonly where: string;
  private readonly source: string;

  constructor(source: string, where: string) {
    this.source = source;
    this.where = where;
  }

  translate(): string {
    const { text } = this.alternatives(false);
    if (this.at < this.source.length) this.refuse('balanced brackets');
    return text;
  }

  private refuse(expected: string): never {
    return refuseTokenizer(`${this.where}, position ${this.at}`, expected, this.source);
  }

  private peek(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  private take(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  /** One character, both halves of a pair together. */
  private next(): string {
    const code = this.source.codePointAt(this.at);
    if (code === undefined) this.refuse('more of the pattern');
    const c = String.fromCodePoint(code);
    this.at += c.length;
    return c;
  }

  /** @returns the text, and whether something in it repeats without a bound */
  private alternatives(ignoreCase: boolean): { text: string; repeats: boolean } {
    let text = '';
    let repeats = false;
    while (this.at < this.source.length && !this.peek(')')) {
      if (this.take('|')) {
        text += '|';
        continue;
      }
      const atom = this.atom(ignoreCase);
      const suffix = this.quantifier(atom);
      text += suffix.text;
      repeats ||= suffix.repeats;
    }
    return { text, repeats };
  }

  private quantifier(atom: { text: string; repeats: boolean }): { text: string; repeats: boolean } {
    const match = /^(?:[*+?]|\{\d{0,4}(?:,\d{0,4})?\})/.exec(this.source.slice(this.at, this.at + 12));
    if (!match || match[0] === '{}' || match[0] === '{,}') return atom;
    this.at += match[0].length;
    const bounds = /^\{(\d*)(,?)(\d*)\}$/.exec(match[0]);
    const count = bounds ? `{${bounds[1] || 0}${bounds[2] ? `,${bounds[3]}` : ''}}` : match[0];
    const endless = match[0] === '*' || match[0] === '+' || (bounds?.[2] === ',' && bounds[3] === '');
    const wide = bounds !== null && Math.max(Number(bounds[1]), Number(bounds[3])) > 1;
    // Nested repetitions can take exponential time, and nothing stops a pattern that runs.
    if (atom.repeats && (endless || wide)) this.refuse('no repetition inside of a repetition');
    let text = atom.text + count;
    // A brace takes no possessive sign in Oniguruma's Ruby syntax.
    if (!bounds && this.take('+')) {
      const name = `p${this.at}`;
      text = `(?=(?<${name}>${text}))\\k<${name}>`;
      return { text: `(?:${text})`, repeats: atom.repeats || endless };
    }
    if (this.take('?')) text += '?';
    return { text, repeats: atom.repeats || endless };
  }

  private atom(ignoreCase: boolean): { text: string; repeats: boolean } {
    const plain = (text: string) => ({ text, repeats: false });
    if (this.take('(')) return this.group(ignoreCase);
    if (this.take('[')) return plain(this.characterClass(ignoreCase));
    if (this.take('\\')) return plain(this.escape(ignoreCase, false));
    const c = this.next();
    if (c === '.') return plain('[^\\n]');
    if (c === '^') return plain('(?<![^\\n])');
    if (c === '$') return plain('(?![^\\n])');
    if ('*+?'.includes(c)) this.refuse('something to repeat');
    return plain(this.literal(c, ignoreCase));
  }

  private group(ignoreCase: boolean): { text: string; repeats: boolean } {
    let open = '(?:';
    let inner = ignoreCase;
    let atomic = false;
    if (this.take('?')) {
      if (this.take('i:')) inner = true;
      else if (this.take('-i:')) inner = false;
      else if (this.take('>')) atomic = true;
      else {
        const kind = ['=', '!', '<=', '<!', ':'].find((sign) => this.take(sign));
        if (!kind) this.refuse('a group of the kinds (?: (?i: (?= (?! (?<= (?<! (?>');
        open = `(?${kind}`;
      }
    }
    const name = `p${this.at}`;
    const { text, repeats } = this.alternatives(inner);
    if (!this.take(')')) this.refuse('a closing bracket');
    if (atomic) return { text: `(?:(?=(?<${name}>${text}))\\k<${name}>)`, repeats };
    return { text: `${open}${text})`, repeats };
  }

  private literal(c: string, ignoreCase: boolean): string {
    const variants = ignoreCase ? caseVariants(c) : [c];
    return variants.length > 1 ? `[${variants.map(escapeLiteral).join('')}]` : escapeLiteral(c);
  }

  private escape(ignoreCase: boolean, inClass: boolean): string {
    const property = /^[pP]\{(\^?)([A-Za-z_]+)\}/.exec(this.source.slice(this.at, this.at + 40));
    if (property) {
      this.at += property[0].length;
      const negative = (property[0][0] === 'P') !== (property[1] === '^');
      const text = `\\${negative ? 'P' : 'p'}{${property[2]}}`;
      try {
        new RegExp(text, 'u');
      } catch {
        this.refuse('a known Unicode property');
      }
      return text;
    }
    const code = /^(?:x([0-9a-fA-F]{1,2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4}))/.exec(
      this.source.slice(this.at, this.at + 10),
    );
    if (code) {
      this.at += code[0].length;
      const point = Number.parseInt(code[1] ?? code[2] ?? code[3], 16);
      if (point > 0x10ffff) this.refuse('a character');
      return hex(String.fromCodePoint(point));
    }
    const c = this.next();
    if (c in CLASSES) {
      const text = CLASSES[c][inClass ? 1 : 0];
      return text ?? this.refuse(`no \\${c} inside of [ ]`);
    }
    if (c in CONTROLS) return hex(CONTROLS[c]);
    if (/[A-Za-z0-9]/.test(c)) this.refuse(`an escape that is known here, not \\${c}`);
    return inClass ? hex(c) : this.literal(c, ignoreCase);
  }

  private characterClass(ignoreCase: boolean): string {
    let text = this.take('^') ? '[^' : '[';
    for (let first = true; first || !this.peek(']'); first = false) {
      if (this.peek('[') || this.peek('&&')) this.refuse('no class inside of a class');
      if (this.take('\\')) text += this.escape(ignoreCase, true);
      else {
        const c = this.next();
        const range = c === '-' && !first && !this.peek(']');
        if (range && ignoreCase) this.refuse('no range in a class that ignores case');
        text += range ? '-' : ignoreCase ? caseVariants(c).map(hex).join('') : hex(c);
      }
    }
    this.at++;
    return `${text}]`;
  }
}

/** @returns a pattern with the flags g and u. @throws StudioError('model') for what cannot be said in JavaScript */
export function compilePattern(source: string, where: string): RegExp {
  if (source.length > LONGEST_PATTERN) {
    refuseTokenizer(where, `a pattern of at most ${LONGEST_PATTERN} characters`, source);
  }
  const text = new Translator(source, where).translate();
  try {
    return new RegExp(text, 'gu');
  } catch {
    return refuseTokenizer(where, 'a valid pattern', source);
  }
}

/** `source` taken literally. */
function literalPattern(source: string): RegExp {
  return new RegExp([...source].map(hex).join(''), 'gu');
}

/** tokenizer.json's {"String": …} or {"Regex": …}. */
export function readPattern(value: unknown, where: string): RegExp {
  if (value !== null && typeof value === 'object') {
    if ('String' in value && typeof value.String === 'string') {
      // An empty text would match everywhere, also between the halves of what it makes.
      return value.String === '' || value.String.length > LONGEST_PATTERN
        ? refuseTokenizer(where, 'a text to look for', value.String)
        : literalPattern(value.String);
    }
    if ('Regex' in value && typeof value.Regex === 'string') return compilePattern(value.Regex, where);
  }
  return refuseTokenizer(where, 'a pattern {"String": …} or {"Regex": …}', value);
}
