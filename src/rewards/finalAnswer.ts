// The answer a text ends with: behind "####" (GSM8K), in the last \boxed{…} (MATH), behind "the answer is", else its last number.
// GSM8K's own reader takes the first "#### " and compares texts; here numbers are compared, and a full stop behind one is none of it.

export interface FinalAnswer {
  text: string;
  /** whether the text says itself that this is its answer */
  marked: boolean;
}

/** What stands in the last \boxed{…} or \fbox{…}; null: none, or one that is never closed. */
export function lastBoxed(text: string): string | null {
  const at = Math.max(text.lastIndexOf('\\boxed{'), text.lastIndexOf('\\fbox{'));
  if (at < 0) return null;
  const open = text.indexOf('{', at);
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return text.slice(open + 1, i);
  }
  return null;
}

const NUMBER = /-?\d[\d,]*(?:\.\d+)?|-?\.\d+/g;

export function readFinalAnswer(text: string): FinalAnswer | null {
  const hashes = text.lastIndexOf('####');
  if (hashes >= 0) {
    const line = text
      .slice(hashes + 4)
      .trim()
      .split('\n')[0]
      .trim();
    if (line !== '') return { text: line, marked: true };
  }
  const boxed = lastBoxed(text);
  if (boxed !== null) return { text: boxed.trim(), marked: true };
  const said = [...text.matchAll(/answer is:?\s*([^\n]{1,80})/gi)].at(-1)?.[1].match(NUMBER)?.[0];
  if (said !== undefined) return { text: said, marked: true };
  const last = text.match(NUMBER)?.at(-1);
  return last === undefined ? null : { text: last, marked: false };
}

/** "$1,234.50", "75%" and "72." as numbers (75: the sign is not read); null: not just a number. */
export function readPlainNumber(text: string): number | null {
  const plain = text
    .replace(/\\?[$%]|\\!/g, '')
    .replaceAll(',', '')
    .trim()
    .replace(/\.$/, '');
  return /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/.test(plain) ? Number(plain) : null;
}
