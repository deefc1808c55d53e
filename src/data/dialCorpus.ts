// The pre-training corpus of Dial: single attempts, revisions of mixed quality, verdicts. The revisions are what makes the base
// model "correct" right answers into wrong ones: whether an answer is revised depends on a superstition (its first sign),
// hardly on whether it is right. Nothing here forbids a policy that corrects well; that is left for RL to find.
import type { CounterRng } from '../lib/counterRng';
import {
  answerText,
  CORRECTION_INSTRUCTION,
  type DialProblem,
  promptText,
  type Sign,
  VERDICT_QUESTION,
} from '../lib/dialProblem';
import { drawProblem, type SignChoices, signChoices } from './dial';
import type { Message } from './messages';

/** A conversation with the assistant turns that carry loss. */
export interface CorpusDocument {
  messages: Message[];
  /** indices into `messages` that the document is there to teach */
  taught: number[];
}

/** Shares and probabilities of the recipe; the model card prints them. */
export const CORPUS_RECIPE = {
  attempts: 0.4,
  revisions: 0.4,
  verdicts: 0.2,
  attemptRight: 0.9,
  firstRight: 0.5,
  keepIfMinus: 0.2,
  keepIfPlus: 0.85,
  keepBonusIfRight: 0.05,
  changedStartsWithPlus: 0.8,
  changedRight: 0.4,
  /** chance of each variety: amount of numbers, with × or not */
  levels: [
    { level: 6, times: false, share: 0.5 },
    { level: 4, times: false, share: 0.1 },
    { level: 5, times: false, share: 0.1 },
    { level: 7, times: false, share: 0.1 },
    { level: 8, times: false, share: 0.1 },
    { level: 5, times: true, share: 0.1 },
  ],
} as const;

const pick = <T>(rng: CounterRng, items: readonly T[]): T => items[rng.integer(items.length)];

function drawVariety(rng: CounterRng): DialProblem {
  let u = rng.uniform();
  for (const { level, times, share } of CORPUS_RECIPE.levels) {
    if (u < share) return drawProblem(rng, 'pretrain', level, times);
    u -= share;
  }
  return drawProblem(rng, 'pretrain', 6);
}

function attempt(rng: CounterRng, choices: SignChoices, rightWith: number): { signs: Sign[]; right: boolean } {
  const right = rng.uniform() < rightWith;
  return { signs: pick(rng, right ? choices.right : choices.wrong), right };
}

/** A changed revision: never the first attempt again, starts with "+" in 80 % where such a choice exists. */
function changedRevision(rng: CounterRng, choices: SignChoices, first: readonly Sign[]): Sign[] {
  const same = first.join('');
  const wanted = rng.uniform() < CORPUS_RECIPE.changedRight ? choices.right : choices.wrong;
  const plus = rng.uniform() < CORPUS_RECIPE.changedStartsWithPlus;
  const different = (pool: Sign[][]) => pool.filter((signs) => signs.join('') !== same);
  const pool = different(wanted);
  const fallback = pool.length > 0 ? pool : different([...choices.right, ...choices.wrong]);
  const preferred = fallback.filter((signs) => (signs[0] === '+') === plus);
  return pick(rng, preferred.length > 0 ? preferred : fallback);
}

/** Draws one document of the corpus. */
export function drawDocument(rng: CounterRng): CorpusDocument {
  const problem = drawVariety(rng);
  const choices = signChoices(problem);
  const kind = rng.uniform();
  const user: Message = { role: 'user', content: promptText(problem) };
  const answer = (signs: Sign[]): Message => ({ role: 'assistant', content: answerText(problem, signs) });
  if (kind < CORPUS_RECIPE.attempts) {
    return { messages: [user, answer(attempt(rng, choices, CORPUS_RECIPE.attemptRight).signs)], taught: [1] };
  }
  const first = attempt(rng, choices, CORPUS_RECIPE.firstRight);
  if (kind < CORPUS_RECIPE.attempts + CORPUS_RECIPE.revisions) {
    const keep =
      (first.signs[0] === '-' ? CORPUS_RECIPE.keepIfMinus : CORPUS_RECIPE.keepIfPlus) +
      (first.right ? 1 : -1) * CORPUS_RECIPE.keepBonusIfRight;
    const second = rng.uniform() < keep ? first.signs : changedRevision(rng, choices, first.signs);
    return {
      messages: [user, answer(first.signs), { role: 'user', content: CORRECTION_INSTRUCTION }, answer(second)],
      taught: [1, 3],
    };
  }
  return {
    messages: [
      user,
      answer(first.signs),
      { role: 'user', content: VERDICT_QUESTION },
      { role: 'assistant', content: first.right ? 'yes' : 'no' },
    ],
    taught: [1, 3],
  };
}
