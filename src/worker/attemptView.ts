// An answer as the page draws it: hops on the dial, read from the text written so far.
import { type DialProblem, readAnswer, verifyAnswer } from '../lib/dialProblem';
import type { AttemptView } from '../protocol/events';

/** @param ended the model closed its answer itself; @param finished nothing more will be written */
export function viewAttempt(problem: DialProblem, text: string, finished: boolean, ended: boolean): AttemptView {
  const { start, hops } = readAnswer(text);
  return { text, start, hops, finished, verdict: finished ? verifyAnswer(problem, text, ended) : null };
}
