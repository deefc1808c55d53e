// A conversation with the base and, beside it, with what a run made of it: the same words are said to both, each hears its own answers.
import type { WireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import type { ChatLine, OpenedAdapter, WrittenToken } from '../protocol/models';
import type { SideName } from './playgroundSlice';

export interface ChatSettings {
  /** '' = none */
  system: string;
  /** 0 = greedy */
  temperature: number;
  /** 0 = off */
  topK: number;
  /** 1 = off */
  topP: number;
  maxTokens: number;
  seed: number;
  /** What "try again" says. */
  instruction: string;
}

export interface ChatAnswer {
  requestId: number;
  /** `waiting`: the other side, or a step of practice, comes first. */
  status: 'waiting' | 'writing' | 'finished' | 'failed';
  text: string;
  tokens: readonly WrittenToken[];
  /** Why it ended; null while it is written. */
  finish: 'end' | 'length' | 'stopped' | null;
  promptTokens: number | null;
  promptSeconds: number | null;
  tokensPerSecond: number | null;
  error: WireError | null;
}

export interface ChatTurn {
  /** Names it for as long as the page stands. */
  id: number;
  said: string;
  base: ChatAnswer;
  /** null: nothing was compared */
  trained: ChatAnswer | null;
}

export interface ChatState {
  turns: readonly ChatTurn[];
  settings: ChatSettings;
  /** The run whose model answers beside the base; null = none. */
  runId: string | null;
  /** Adapters opened from files beside this model. */
  adapters: readonly OpenedAdapter[];
  /** Why the last one could not be opened; null = it could. */
  adapterError: WireError | null;
}

export const chatAtStart: ChatState = {
  turns: [],
  settings: {
    system: '',
    temperature: 0,
    topK: 0,
    topP: 1,
    maxTokens: 256,
    seed: 1,
    instruction:
      'There might be an error in the solution above. Please correct the error, if any, and write the whole solution again.',
  },
  runId: null,
  adapters: [],
  adapterError: null,
};

export function newAnswer(requestId: number): ChatAnswer {
  return {
    requestId,
    status: 'waiting',
    text: '',
    tokens: [],
    finish: null,
    promptTokens: null,
    promptSeconds: null,
    tokensPerSecond: null,
    error: null,
  };
}

export const isOpen = (answer: ChatAnswer | null) => answer?.status === 'waiting' || answer?.status === 'writing';

/** Whether any answer is still to come. */
export function isChatting({ turns }: ChatState): boolean {
  return turns.some(({ base, trained }) => isOpen(base) || isOpen(trained));
}

/** What one side has heard and said so far. A turn that failed is left out: it was not answered. */
export function linesOf(turns: readonly ChatTurn[], side: SideName, system: string): ChatLine[] {
  const before = turns.flatMap((turn): ChatLine[] => {
    const answer = turn[side] ?? turn.base;
    if (answer.status === 'failed') return [];
    return [
      { role: 'user', content: turn.said },
      { role: 'assistant', content: answer.text },
    ];
  });
  return system.trim() === '' ? before : [{ role: 'system', content: system }, ...before];
}

function reduceAnswer<A extends ChatAnswer | null>(answer: A, event: StudioEvent): A | ChatAnswer {
  if (!answer) return answer;
  switch (event.type) {
    case 'chat.streamed':
      return event.requestId === answer.requestId ? { ...answer, status: 'writing', text: event.text } : answer;
    case 'chat.finished': {
      if (event.requestId !== answer.requestId) return answer;
      const { type: _, requestId: __, ...said } = event;
      return { ...answer, ...said, status: 'finished' };
    }
    case 'chat.failed':
      return event.requestId === answer.requestId ? { ...answer, status: 'failed', error: event.error } : answer;
    case 'worker.failed':
      return isOpen(answer) ? { ...answer, status: 'failed', error: event.error } : answer;
    case 'engine.started':
      // An engine that starts anew has forgotten the conversation.
      return isOpen(answer)
        ? {
            ...answer,
            status: 'failed',
            error: { kind: 'internal', message: 'engine: it was started anew. Ask again.' },
          }
        : answer;
    default:
      return answer;
  }
}

export function reduceChat(state: ChatState, event: StudioEvent): ChatState {
  // Another model has said nothing yet, and no adapter was opened beside it.
  if (event.type === 'model.loaded') {
    const isFresh = state.turns.length === 0 && state.adapters.length === 0 && state.adapterError === null;
    return isFresh ? state : { ...state, turns: [], runId: null, adapters: [], adapterError: null };
  }
  if (event.type === 'adapter.refused') return { ...state, adapterError: event.error };
  if (event.type === 'adapter.opened') {
    const others = state.adapters.filter(({ id }) => id !== event.adapter.id);
    return { ...state, adapters: [...others, event.adapter], adapterError: null, runId: event.adapter.id };
  }
  const turns = state.turns.map((turn) => {
    const base = reduceAnswer(turn.base, event);
    const trained = reduceAnswer(turn.trained, event);
    return base === turn.base && trained === turn.trained ? turn : { ...turn, base: base ?? turn.base, trained };
  });
  return turns.every((turn, i) => turn === state.turns[i]) ? state : { ...state, turns };
}
