// The problem on the dial, and every question put to the model with its two streamed attempts.
import type { WireError } from '../protocol/errors';
import type { AttemptView, StudioEvent } from '../protocol/events';

export interface Ask {
  requestId: number;
  numbers: number[];
  /** null: the base model; else the model as that run left it. */
  runId: string | null;
  /** `try`: on the dial of scene 1. `compare`: the same problem again, for scene 3. */
  purpose: 'try' | 'compare';
  /** Shown at reading pace; several at once are shown as they come. */
  isPaced: boolean;
  temperature: number;
  status: 'streaming' | 'finished' | 'failed';
  attempts: AttemptView[];
  tokensPerSecond: number | null;
  error: WireError | null;
}

export interface AskState {
  /** The six numbers on the dial; null until the first was drawn. Entries may be NaN while being edited. */
  numbers: number[] | null;
  /** The draw that is waited for. */
  drawing: number | null;
  /** Oldest first. */
  asks: Ask[];
}

export const askAtStart: AskState = { numbers: null, drawing: null, asks: [] };

/** Enough for a lesson; the oldest are forgotten. */
const MOST_ASKS = 400;

export function addAsk(state: AskState, ask: Ask): AskState {
  return { ...state, asks: [...state.asks, ask].slice(-MOST_ASKS) };
}

/** Takes back a question that nobody will answer. */
export function forget(state: AskState, requestId: number): AskState {
  return { ...state, asks: state.asks.filter((ask) => ask.requestId !== requestId) };
}

function change(state: AskState, requestId: number, part: Partial<Ask>): AskState {
  if (!state.asks.some((ask) => ask.requestId === requestId)) return state;
  return { ...state, asks: state.asks.map((ask) => (ask.requestId === requestId ? { ...ask, ...part } : ask)) };
}

export function reduceAsk(state: AskState, event: StudioEvent): AskState {
  switch (event.type) {
    case 'problem.drawn':
      return event.requestId === state.drawing ? { ...state, numbers: event.numbers, drawing: null } : state;
    case 'attempt.streamed':
      return change(state, event.requestId, { attempts: event.attempts });
    case 'attempt.finished':
      return change(state, event.requestId, {
        status: 'finished',
        attempts: event.attempts,
        tokensPerSecond: event.tokensPerSecond,
      });
    case 'attempt.failed':
      // A failed draw leaves the numbers that were there.
      if (event.requestId === state.drawing) return { ...state, drawing: null };
      return change(state, event.requestId, { status: 'failed', error: event.error });
    case 'worker.failed':
      return {
        ...state,
        drawing: null,
        asks: state.asks.map((ask) =>
          ask.status === 'streaming' ? { ...ask, status: 'failed', error: event.error } : ask,
        ),
      };
    default:
      return state;
  }
}

export interface Tally {
  n: number;
  first: number;
  second: number;
}

/** Right answers among the distinct problems that were tried (the last try of each counts). */
export function tally(asks: readonly Ask[], runId: string | null): Tally {
  const last = new Map<string, Ask>();
  for (const ask of asks) {
    if (ask.runId === runId && ask.status === 'finished' && ask.attempts.length === 2)
      last.set(ask.numbers.join(' '), ask);
  }
  const counted = [...last.values()];
  const right = (attempt: number) => counted.filter((ask) => ask.attempts[attempt].verdict?.correct).length;
  return { n: counted.length, first: right(0), second: right(1) };
}

export interface BeforeAfter {
  numbers: number[];
  before: Ask;
  after: Ask | null;
}

/** The problems of scene 1 with the base model's answers and, where asked again, the trained model's; newest first. */
export function beforeAndAfter(asks: readonly Ask[], runId: string, most = 6): BeforeAfter[] {
  const rows = new Map<string, BeforeAfter>();
  for (const ask of asks) {
    if (ask.status !== 'finished') continue;
    const key = ask.numbers.join(' ');
    const row = rows.get(key);
    if (ask.runId === null) rows.set(key, { numbers: ask.numbers, before: ask, after: row?.after ?? null });
    else if (ask.runId === runId && row) rows.set(key, { ...row, after: ask });
  }
  return [...rows.values()].reverse().slice(0, most);
}
