// Names of reward terms and flips in the page's words; a term the page does not know keeps its own name.
import { readAnswer } from '../../lib/dialProblem';
import type { AttemptView } from '../../protocol/events';
import type { AttemptTrace, FlipClass, Trace } from '../../protocol/trace';
import type { TextKey, Translate } from '../i18n/catalogue';

/** In the order in which one leads to the next: what was checked, the reward, the bonus, what is credited. */
const terms: Record<string, TextKey> = {
  format: 'term.format',
  arithmetic: 'term.arithmetic',
  lands_on_zero: 'term.landsOnZero',
  nothing_left: 'term.nothingLeft',
  reward: 'term.reward',
  shaping: 'term.shaping',
  credit: 'term.credit',
};
const order = Object.keys(terms);

function byOrder(a: string, b: string): number {
  // Terms the page does not know come last, in their own order.
  const place = (term: string) => (order.includes(term) ? order.indexOf(term) : order.length);
  return place(a) - place(b);
}

export function termName(t: Translate, term: string): string {
  return terms[term] ? t(terms[term]) : term;
}

const extras: Record<string, TextKey> = {
  landing: 'extra.landing',
  left: 'extra.left',
  missed_by: 'extra.missedBy',
  wrong_hops: 'extra.wrongHops',
  first_wrong_hop: 'extra.firstWrongHop',
  parsed_answer: 'extra.parsedAnswer',
  solution: 'extra.solution',
};

/** A column beside the score; one the page does not know keeps its own name. */
export function extraName(t: Translate, name: string): string {
  return extras[name] ? t(extras[name]) : name;
}

export const flipKeys: Record<FlipClass, TextKey> = {
  i_to_c: 'flip.i_to_c',
  c_to_i: 'flip.c_to_i',
  c_to_c: 'flip.c_to_c',
  i_to_i: 'flip.i_to_i',
};

/** A traced attempt as the lesson draws attempts. Words of other tasks stay plain text. */
export function viewOfTrace(attempt: AttemptTrace): AttemptView {
  const { start, hops } = readAnswer(attempt.text);
  return { text: attempt.text, start, hops, finished: true, verdict: null };
}

/** The same with the verdict that was stored, for the dial. */
export function judgedView(attempt: AttemptTrace): AttemptView {
  const { correct, rewards } = attempt;
  const holds = (term: string) => rewards[term] === 1;
  const parts = { lands_on_zero: holds('lands_on_zero'), arithmetic: holds('arithmetic'), format: holds('format') };
  return { ...viewOfTrace(attempt), verdict: { correct, ...parts } };
}

/** Terms of an attempt and, last, its advantage. Terms that were never scored in this sample are left out. */
export function scoredTerms(t: Translate, trace: Trace, attempt: number): { name: string; value: number | null }[] {
  const { rewards, advantage } = trace.attempts[attempt];
  const scored = Object.keys(rewards).filter((term) => trace.attempts.some((other) => other.rewards[term] !== null));
  const rows = scored.sort(byOrder).map((term) => ({ name: termName(t, term), value: rewards[term] }));
  return advantage === null ? rows : [...rows, { name: t('term.advantage'), value: advantage }];
}

/** One scale for both attempts of a sample: at least 1, so that a single point fills its half. */
export function scaleOf(trace: Trace): number {
  const values = trace.attempts.flatMap((attempt) => [...Object.values(attempt.rewards), attempt.advantage]);
  return Math.max(1, ...values.map((value) => Math.abs(value ?? 0)));
}
