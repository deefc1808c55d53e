// The playground: one question put to two models with the same seed, both answers as they are written, and their alternatives.
import type { WireError } from '../protocol/errors';
import type { AttemptView, StudioEvent, TokenChoice } from '../protocol/events';

/** Everything that decides what is answered; stands in the address. */
export interface Question {
  numbers: number[];
  seed: number;
  /** 0 = greedy */
  temperature: number;
  /** 0 = off */
  topK: number;
  /** 1 = off */
  topP: number;
  /** The trained side: null = the base once more. */
  runId: string | null;
  slot: 'last' | 'best';
}

export type SideName = 'base' | 'trained';

export interface Side {
  attemptId: number;
  explainId: number;
  /** `waiting`: the other side is still at it. */
  status: 'waiting' | 'streaming' | 'finished' | 'failed';
  attempts: AttemptView[];
  tokens: number[][] | null;
  tokensPerSecond: number | null;
  /** For each attempt, for each token; null until they have come. */
  choices: TokenChoice[][] | null;
  error: WireError | null;
}

export interface PlaygroundState {
  /** What the answers below belong to. */
  asked: Question | null;
  base: Side | null;
  trained: Side | null;
}

export const playgroundAtStart: PlaygroundState = { asked: null, base: null, trained: null };

export function newSide(attemptId: number, explainId: number): Side {
  return {
    attemptId,
    explainId,
    status: 'waiting',
    attempts: [],
    tokens: null,
    tokensPerSecond: null,
    choices: null,
    error: null,
  };
}

export function isAnswering(state: PlaygroundState): boolean {
  return [state.base, state.trained].some((side) => side?.status === 'waiting' || side?.status === 'streaming');
}

function reduceSide(side: Side | null, event: StudioEvent): Side | null {
  if (!side) return side;
  const isOpen = side.status === 'waiting' || side.status === 'streaming';
  switch (event.type) {
    case 'attempt.streamed':
      return event.requestId === side.attemptId ? { ...side, status: 'streaming', attempts: event.attempts } : side;
    case 'attempt.finished': {
      if (event.requestId !== side.attemptId) return side;
      const { attempts, tokensPerSecond, tokens = null } = event;
      return { ...side, status: 'finished', attempts, tokens, tokensPerSecond };
    }
    case 'attempt.failed':
      return event.requestId === side.attemptId ? { ...side, status: 'failed', error: event.error } : side;
    case 'tokens.explained':
      return event.requestId === side.explainId ? { ...side, choices: event.attempts } : side;
    case 'tokens.failed':
      // The answer itself stands.
      return event.requestId === side.explainId ? { ...side, error: event.error } : side;
    case 'worker.failed':
      return isOpen ? { ...side, status: 'failed', error: event.error } : side;
    case 'engine.started':
      // An engine that starts anew has forgotten the question.
      return isOpen ? null : side;
    default:
      return side;
  }
}

export function reducePlayground(state: PlaygroundState, event: StudioEvent): PlaygroundState {
  const base = reduceSide(state.base, event);
  const trained = reduceSide(state.trained, event);
  return base === state.base && trained === state.trained ? state : { ...state, base, trained };
}
