// Reflections on wrong Dial answers, in the smallest words that make the step real: where the answer landed, and which hops to turn
// round so that it lands on 0. "7 2 5": it landed on 7; turn hops 2 and 5. The question is a spare word of the vocabulary, numbers are
// numbers: the bundled model has to learn what they mean here (recipes/reflexionWords.ts).
import type { CounterRng } from '../lib/counterRng';
import {
  answerText,
  CORRECTION_INSTRUCTION,
  type DialProblem,
  lastLanding,
  promptText,
  type Sign,
} from '../lib/dialProblem';
import { signChoices } from './dial';
import type { CorpusDocument } from './dialCorpus';
import type { Message } from './messages';

export const REFLECTION_QUESTION = '<spare_10>';
/** a landing, the hops of half an answer, and the end */
export const REFLECTION_TOKENS = 8;

const pick = <T>(rng: CounterRng, items: readonly T[]): T => items[rng.integer(items.length)];
const changes = (from: readonly Sign[], to: readonly Sign[]) =>
  from.flatMap((sign, i) => (sign === to[i] ? [] : [i + 1]));

/** A right choice of signs that is nearest to a wrong one, and the reflection that leads there. */
export function reflectOn(
  rng: CounterRng,
  problem: DialProblem,
  wrong: readonly Sign[],
): { text: string; right: Sign[] } {
  const { right } = signChoices(problem);
  const fewest = Math.min(...right.map((signs) => changes(wrong, signs).length));
  const nearest = pick(
    rng,
    right.filter((signs) => changes(wrong, signs).length === fewest),
  );
  return { text: [lastLanding(problem, wrong), ...changes(wrong, nearest)].join(' '), right: nearest };
}

/**
 * A conversation that teaches reflecting and using reflections: wrong answer, reflection, right answer; in `deep` of them another
 * wrong answer with its reflection comes before, so that a memory of several is read as well.
 */
export function drawReflection(rng: CounterRng, problem: DialProblem, deep: number): CorpusDocument {
  const { wrong } = signChoices(problem);
  const say = (role: Message['role'], content: string): Message => ({ role, content });
  const messages: Message[] = [say('user', promptText(problem))];
  const taught: number[] = [];
  const attempts = rng.uniform() < deep && wrong.length > 1 ? 2 : 1;
  let mended: Sign[] = [];
  let before = '';
  for (let k = 0; k < attempts; k++) {
    const signs = pick(
      rng,
      wrong.filter((choice) => choice.join('') !== before),
    );
    before = signs.join('');
    const { text, right } = reflectOn(rng, problem, signs);
    messages.push(
      say('assistant', answerText(problem, signs)),
      say('user', REFLECTION_QUESTION),
      say('assistant', text),
    );
    taught.push(messages.length - 1);
    messages.push(say('user', CORRECTION_INSTRUCTION));
    mended = right;
  }
  messages.push(say('assistant', answerText(problem, mended)));
  return { messages, taught: [...taught, messages.length - 1] };
}
