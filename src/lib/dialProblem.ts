// Dial, the bundled model's task: a dial with twelve positions, 0 at the top. Start at the first number, then turn
// forward (+) or back (−) by each of the others, in order; land on 0. Pure text and arithmetic: no model, no random numbers.
//   prompt  "dial 7 3 11 5 2 8"          answer  "7 +3= 10 -11= 11 -5= 6 +2= 8 -8= 0"
// A harder-looking variety, "dialx", also allows × (zeros absorb, so it is easier to land).

export const POSITIONS = 12;
export const CORRECTION_INSTRUCTION = 'There might be an error above. Please correct it.';
export const VERDICT_QUESTION = 'Is it correct?';

export type Sign = '+' | '-' | '*';

export interface DialProblem {
  /** each 1…11; the first is where the hand starts */
  numbers: number[];
  /** × allowed */
  times: boolean;
}

/** One hop as it was written. `expected` is the true landing from the position before it. */
export interface DialHop {
  sign: Sign;
  number: number;
  landing: number;
  expected: number;
  ok: boolean;
}

export interface DialReading {
  start: number | null;
  hops: DialHop[];
  /** Text that could not be read as hops, or '' */
  rest: string;
}

export interface DialVerdict {
  correct: boolean;
  lands_on_zero: boolean;
  arithmetic: boolean;
  format: boolean;
}

/** Where a hop lands, 0…11. */
export function turn(position: number, sign: Sign, number: number): number {
  const raw = sign === '+' ? position + number : sign === '-' ? position - number : position * number;
  return ((raw % POSITIONS) + POSITIONS) % POSITIONS;
}

export function promptText(problem: DialProblem): string {
  return `${problem.times ? 'dialx' : 'dial'} ${problem.numbers.join(' ')}`;
}

/** Reads "dial 7 3 11" back. Returns null when it is not a problem. */
export function parsePrompt(text: string): DialProblem | null {
  const match = /^(dialx?)((?: (?:[1-9]|1[01]))+)$/.exec(text.trim());
  if (!match) return null;
  return { numbers: match[2].trim().split(' ').map(Number), times: match[1] === 'dialx' };
}

/** The answer for one choice of signs, with true arithmetic. */
export function answerText(problem: DialProblem, signs: readonly Sign[]): string {
  const parts = [String(problem.numbers[0])];
  let position = problem.numbers[0];
  signs.forEach((sign, i) => {
    position = turn(position, sign, problem.numbers[i + 1]);
    parts.push(`${sign}${problem.numbers[i + 1]}=`, String(position));
  });
  return parts.join(' ');
}

/** The last landing of one choice of signs. */
export function lastLanding(problem: DialProblem, signs: readonly Sign[]): number {
  return signs.reduce((position, sign, i) => turn(position, sign, problem.numbers[i + 1]), problem.numbers[0]);
}

/** Reads an answer as far as it can be read (also a half-written one). */
export function readAnswer(text: string): DialReading {
  const words = text.trim() === '' ? [] : text.trim().split(/\s+/);
  const hops: DialHop[] = [];
  if (words.length === 0 || !/^\d+$/.test(words[0])) return { start: null, hops, rest: words.join(' ') };
  const start = Number(words[0]);
  let position = start;
  let i = 1;
  for (; i + 1 < words.length; i += 2) {
    const match = /^([+\-*])(\d+)=$/.exec(words[i]);
    if (!match || !/^\d+$/.test(words[i + 1])) break;
    const sign = match[1] as Sign;
    const expected = turn(position, sign, Number(match[2]));
    const landing = Number(words[i + 1]);
    hops.push({ sign, number: Number(match[2]), landing, expected, ok: landing === expected });
    position = landing;
  }
  return { start, hops, rest: words.slice(i).join(' ') };
}

/**
 * The verifier. `ended`: the model closed its answer with the end token (a truncated answer is not well-formed).
 * correct = format and arithmetic and lands_on_zero; only the conjunction is ever a reward.
 */
export function verifyAnswer(problem: DialProblem, text: string, ended: boolean): DialVerdict {
  const { start, hops, rest } = readAnswer(text);
  const { numbers, times } = problem;
  const format =
    ended &&
    rest === '' &&
    start === numbers[0] &&
    hops.length === numbers.length - 1 &&
    hops.every((hop, i) => hop.number === numbers[i + 1] && (times || hop.sign !== '*'));
  const arithmetic = hops.length > 0 && hops.every((hop) => hop.ok);
  const lands_on_zero = hops.length > 0 && hops[hops.length - 1].landing === 0;
  return { correct: format && arithmetic && lands_on_zero, lands_on_zero, arithmetic, format };
}
