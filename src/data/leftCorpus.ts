// The pre-training corpus of Left: attempts, revisions of mixed quality, verdicts, and both in a row. Whether a revision changes anything
// depends on a superstition (the second sign), hardly on whether the answer is right; a changed one is right more often than not.
import type { CounterRng } from '../lib/counterRng';
import { CORRECTION_INSTRUCTION, VERDICT_QUESTION } from '../lib/dialProblem';
import { type LeftSign, leftAnswer, leftPrompt } from '../lib/leftProblem';
import type { CorpusDocument } from './dialCorpus';
import { drawLeftProblem, type LeftChoices, leftChoices } from './left';
import type { Message } from './messages';

/** Shares and probabilities; the model card prints them. */
export const LEFT_RECIPE = {
  attempts: 0.36,
  revisions: 0.4,
  verdicts: 0.12,
  both: 0.12,
  attemptRight: 0.6,
  slips: 0.02,
  changedIfMinus: 0.92,
  changedIfPlus: 0.1,
  changedBonusIfWrong: 0.04,
  changedBonusAfterVerdict: 0.15,
  changedRight: 0.75,
  wrongVerdicts: 0.03,
  level: 4,
} as const;

const pick = <T>(rng: CounterRng, items: readonly T[]): T => items[rng.integer(items.length)];

interface Attempt {
  text: string;
  signs: LeftSign[];
  isRight: boolean;
}

/** Draws one document. */
export function drawLeftDocument(rng: CounterRng): CorpusDocument {
  const recipe = LEFT_RECIPE;
  const problem = drawLeftProblem(rng, 'pretrain', recipe.level);
  const choices = leftChoices(problem);
  const attempt = (from: LeftChoices, rightWith: number): Attempt => {
    const isRight = from.wrong.length === 0 || (from.right.length > 0 && rng.uniform() < rightWith);
    const signs = pick(rng, isRight ? from.right : from.wrong);
    if (rng.uniform() >= recipe.slips) return { text: leftAnswer(problem, signs), signs, isRight };
    const slip = (1 + rng.integer(2)) * (rng.uniform() < 0.5 ? 1 : -1);
    return { text: leftAnswer(problem, signs, rng.integer(problem.numbers.length), slip), signs, isRight: false };
  };
  const revision = (first: Attempt, bonus: number): Attempt => {
    const chance =
      (first.signs[1] === '-' ? recipe.changedIfMinus : recipe.changedIfPlus) + (first.isRight ? -bonus : bonus);
    if (rng.uniform() >= Math.min(0.95, Math.max(0.05, chance))) return first;
    const other = (list: LeftSign[][]) => list.filter((signs) => signs.join('') !== first.signs.join(''));
    return attempt({ right: other(choices.right), wrong: other(choices.wrong) }, recipe.changedRight);
  };
  const say = (role: Message['role'], content: string): Message => ({ role, content });
  const kind = rng.uniform();
  const first = attempt(choices, recipe.attemptRight);
  const messages = [say('user', leftPrompt(problem)), say('assistant', first.text)];
  if (kind < recipe.attempts) return { messages, taught: [1] };
  const isVerdict = kind >= recipe.attempts + recipe.revisions;
  const ends = kind < 1 - recipe.both;
  const taught = isVerdict && ends ? [] : [1];
  if (isVerdict) {
    const isTold = rng.uniform() < recipe.wrongVerdicts ? !first.isRight : first.isRight;
    messages.push(say('user', VERDICT_QUESTION), say('assistant', isTold ? 'yes' : 'no'));
    taught.push(messages.length - 1);
    if (ends) return { messages, taught };
  }
  const bonus = isVerdict ? recipe.changedBonusAfterVerdict : recipe.changedBonusIfWrong;
  messages.push(say('user', CORRECTION_INSTRUCTION), say('assistant', revision(first, bonus).text));
  return { messages, taught: [...taught, messages.length - 1] };
}
