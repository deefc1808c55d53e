// Equality of MATH answers as its authors score them (Hendrycks et al. 2021, arXiv 2103.03874, math_equivalence): two texts are equal when
// they are the same after a few replacements. Numbers in papers are counted this way, with its oddities: "\frac{1}{2}" is "0.5" but not
// "2/4", units and degree signs are dropped, "\sqrt 3" becomes "\sqrt{}3". What would be an exception there is one here.

class Broken extends Error {}

/** "\frac12" and "\frac1{72}" with braces. */
function braceFractions(text: string): string {
  const [head, ...parts] = text.split('\\frac');
  let out = head;
  for (const part of parts) {
    out += '\\frac';
    if (part === '') throw new Broken();
    if (part[0] === '{') {
      out += part;
      continue;
    }
    // A fraction of less than two characters leaves the whole text as it was.
    if (part.length < 2) return text;
    const [a, b] = part;
    out += b === '{' ? `{${a}}${part.slice(1)}` : `{${a}}{${b}}${part.slice(2)}`;
  }
  return out;
}

function braceRoots(text: string): string {
  const [head, ...parts] = text.split('\\sqrt');
  return parts.reduce((out, part) => {
    if (part === '') throw new Broken();
    return `${out}\\sqrt${part[0] === '{' ? part : `{${part[0]}}${part.slice(1)}`}`;
  }, head);
}

/** "3/6" as a fraction, if both sides are written as Python writes whole numbers. */
function slashFraction(text: string): string {
  const parts = text.split('/');
  const isWhole = (part: string) => /^(?:0|-?[1-9]\d*)$/.test(part);
  return parts.length === 2 && parts.every(isWhole) ? `\\frac{${parts[0]}}{${parts[1]}}` : text;
}

function dropUnits(text: string): string {
  const parts = text.split('\\text{ ');
  if (parts.length > 2) throw new Broken();
  return parts[0];
}

function keepRightSide(text: string): string {
  const sides = text.split('=');
  return sides.length === 2 && sides[0].length <= 2 ? sides[1] : text;
}

export function stripMathAnswer(answer: string): string {
  let text = answer
    .replaceAll('\n', '')
    .replaceAll('\\!', '')
    .replaceAll('\\\\', '\\')
    .replaceAll('tfrac', 'frac')
    .replaceAll('dfrac', 'frac')
    .replaceAll('\\left', '')
    .replaceAll('\\right', '')
    .replaceAll('^{\\circ}', '')
    .replaceAll('^\\circ', '')
    .replaceAll('\\$', '');
  text = dropUnits(text).replaceAll('\\%', '').replaceAll(' .', ' 0.').replaceAll('{.', '{0.');
  if (text === '') return text;
  if (text[0] === '.') text = `0${text}`;
  text = braceFractions(braceRoots(keepRightSide(text)).replaceAll(' ', ''));
  return slashFraction(text === '0.5' ? '\\frac{1}{2}' : text);
}

export function areHendrycksEqual(gold: string, answer: string): boolean {
  try {
    return stripMathAnswer(gold) === stripMathAnswer(answer);
  } catch (error) {
    if (error instanceof Broken) return gold === answer;
    throw error;
  }
}
