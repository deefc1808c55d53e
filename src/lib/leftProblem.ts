// Left, the second bundled task: put + or − before each number after the first so that the target is made, and write what is left to go
// after each. Right iff the last "left" is 0, so a verifier, and a pupil, looks at one number. Pure text and arithmetic.
//   prompt  "make 12 from 3 8 5 4"        answer  "3 left 9 + 8 left 1 - 5 left 6 + 4 left 2"        (wrong: 2 left)
// Unlike Dial a wrong answer says how to mend it: 2 left, so turn a number 1 from + … there is information that attempt 1 did not have.

export type LeftSign = '+' | '-';

export interface LeftProblem {
  target: number;
  /** in the given order */
  numbers: number[];
}

/** No "left" is farther from 0: each is one word of the vocabulary. */
export const LEFT_LIMIT = 45;

export const leftPrompt = ({ target, numbers }: LeftProblem): string => `make ${target} from ${numbers.join(' ')}`;

/** What is left to go after each number. */
export function leftovers({ target, numbers }: LeftProblem, signs: readonly LeftSign[]): number[] {
  let left = target - numbers[0];
  return [left, ...signs.map((sign, i) => (left -= sign === '+' ? numbers[i + 1] : -numbers[i + 1]))];
}

/** @param slip added to the left after number `slipAt`, and carried on: an arithmetic mistake */
export function leftAnswer(problem: LeftProblem, signs: readonly LeftSign[], slipAt = -1, slip = 0): string {
  const lefts = leftovers(problem, signs).map((left, i) => left + (slipAt >= 0 && i >= slipAt ? slip : 0));
  return problem.numbers.map((n, i) => `${i === 0 ? '' : `${signs[i - 1]} `}${n} left ${lefts[i]}`).join(' ');
}

export interface LeftVerdict {
  correct: boolean;
  nothing_left: boolean;
  arithmetic: boolean;
  format: boolean;
  /** last "left" that could be read */
  left: number | null;
}

/** @param ended the model closed its answer with the end token */
export function verifyLeft({ target, numbers }: LeftProblem, text: string, ended: boolean): LeftVerdict {
  const words = text.trim() === '' ? [] : text.trim().split(/\s+/);
  const isNumber = (word: string | undefined) => word !== undefined && /^-?\d+$/.test(word);
  let at = 0;
  let left = target;
  let [format, arithmetic] = [ended, true];
  let last: number | null = null;
  for (const [i, number] of numbers.entries()) {
    const sign = i === 0 ? '+' : words[at++];
    const [written, word, said] = words.slice(at, at + 3);
    at += 3;
    if ((sign !== '+' && sign !== '-') || written !== String(number) || word !== 'left' || !isNumber(said)) {
      [format, arithmetic] = [false, arithmetic && last !== null];
      break;
    }
    left -= sign === '+' ? number : -number;
    arithmetic &&= Number(said) === left;
    left = Number(said);
    last = left;
  }
  format &&= at === words.length;
  arithmetic &&= last !== null;
  const nothing_left = last === 0;
  return { correct: format && arithmetic && nothing_left, nothing_left, arithmetic, format, left: last };
}
