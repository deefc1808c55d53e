// LaTeX of an answer as plain as it gets: spellings that mean the same become one, spacing goes.

/** Signs that only place things on the page. */
const SPACING = /\\(?:left|right|big|Big|bigg|Bigg|displaystyle|textstyle|quad|qquad)(?![a-zA-Z])|\\[!,;: ]|~/g;

const REPLACED: readonly (readonly [from: RegExp, to: string])[] = [
  [/\\[dtc]frac(?![a-z])/g, '\\frac'],
  [/\\(?:mathrm|textbf|mathbf|boldsymbol|operatorname|mbox|textrm)(?=\{)/g, '\\text'],
  [/\\dbinom|\\tbinom/g, '\\binom'],
  [/\\degree(?![a-z])|°/g, '^\\circ'],
  [/\\(?:lvert|rvert|vert|mid)(?![a-z])/g, '|'],
  [/\\(?:lbrace)(?![a-z])/g, '\\{'],
  [/\\(?:rbrace)(?![a-z])/g, '\\}'],
  [/−|–/g, '-'],
  [/×/g, '\\times'],
  [/·/g, '\\cdot'],
  [/π/g, '\\pi'],
  [/∞/g, '\\infty'],
  [/∪/g, '\\cup'],
  [/≤/g, '\\leq'],
  [/≥/g, '\\geq'],
  [/\*\*/g, '^'],
];

/** Whether the text is one number with commas, so that no comma of a list is taken for one of a number. */
const isOneNumber = (text: string) => /^[-+$\\]*\d{1,3}(?:,\d{3})+(?:\.\d+)?(?:\\?%|\\text\{[^}]*\})?$/.test(text);

export function normalizeLatex(answer: string): string {
  let text = answer
    .trim()
    .replace(/^\$+|\$+$/g, '')
    .trim();
  text = text.replace(/\\\\/g, '\u0001');
  text = text.replace(SPACING, (sign) => (/^\\[!,;:]$/.test(sign) ? '' : ' '));
  for (const [from, to] of REPLACED) text = text.replace(from, to);
  // Blanks matter inside of \text{…} only, and there only between words.
  text = text.replace(/\\text\{([^{}]*)\}/g, (_, words: string) => `\\text{${words.trim().replace(/\s+/g, '~')}}`);
  text = text
    .replace(/(\\[a-zA-Z]+)\s+(?=[a-zA-Z])/g, '$1\u0002')
    .replace(/\s+/g, '')
    .replaceAll('\u0002', ' ');
  text = text.replaceAll('\u0001', '\\\\').replace(/\.$/, '');
  text = text.replace(/(?<=\d)\{,\}(?=\d{3}(?!\d))/g, '').replace(/\{,\}/g, ',');
  // 50,747 is one number; in a list, commas stay what they are.
  return isOneNumber(text) ? text.replaceAll(',', '') : text;
}

const OPEN = new Set(['(', '[', '{']);
const CLOSE = new Set([')', ']', '}']);

/** At separators that stand in no brackets. */
export function splitTopLevel(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (OPEN.has(text[i])) depth++;
    else if (CLOSE.has(text[i])) depth--;
    else if (depth === 0 && text[i] === separator) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** What stands between two brackets that belong to each other; null: the text is not in brackets as a whole. */
export function stripBrackets(text: string, open: string, close: string): string | null {
  if (!text.startsWith(open) || !text.endsWith(close)) return null;
  const inner = text.slice(open.length, text.length - close.length);
  let depth = 0;
  for (const c of inner) {
    if (OPEN.has(c)) depth++;
    else if (CLOSE.has(c) && --depth < 0) return null;
  }
  return depth === 0 ? inner : null;
}
