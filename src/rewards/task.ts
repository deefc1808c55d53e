// A task: where problems come from, how they are asked, and a verifier that reads an answer. Text in, named terms out.

import type { Slice } from '../data/dial';
import type { Message } from '../data/messages';
import type { CounterRng } from '../lib/counterRng';

export interface Verdict {
  correct: boolean;
  /** well-formed enough to be judged */
  wellFormed: boolean;
  /** named parts, for the traces; null = could not be scored */
  terms: Record<string, number | null>;
  /** Columns of the sample beside its score; null = not there (no hop was wrong). */
  extra?: { numbers: Record<string, number | null>; texts: Record<string, string | null> };
}

export interface Task<Problem> {
  id: string;
  /** what the user says between two attempts; never reveals whether the first was right */
  instruction: string;
  /** how the model is asked for feedback on its own answer, where it has words for that */
  review?: {
    question: string;
    maxTokens: number;
    approves(feedback: string): boolean;
    /** one token each: for an answer that is right, and for a wrong one */
    verdicts?: readonly [right: string, wrong: string];
  };
  /** how the model is asked what went wrong with its answer; a model may have to learn the words first (recipes/reflexionWords.ts) */
  reflection?: {
    question: string;
    maxTokens: number;
    /** a conversation that teaches reflecting, and which of its messages it is there to teach; `deep`: share of longer ones */
    teach?(rng: CounterRng, problem: Problem, deep: number): { messages: Message[]; taught: number[] };
  };
  /** an answer may have at most this many tokens */
  maxTokens: number;
  draw(rng: CounterRng, slice: Slice, count: number): Problem[];
  ask(problem: Problem): Message[];
  /** `ended`: the model closed its answer itself */
  verify(problem: Problem, answer: string, ended: boolean): Verdict;
  /** a right answer, where the task knows one */
  solve?(rng: CounterRng, problem: Problem): string;
  /** a well-formed wrong answer, where the task knows one */
  mistake?(rng: CounterRng, problem: Problem): string;
}
