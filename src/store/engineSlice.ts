// Where the computing happens, and which model is loaded.
import type { WireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import type { ModelSource } from '../protocol/models';

type Of<T extends StudioEvent['type']> = Extract<StudioEvent, { type: T }>;
export type EngineInfo = Omit<Of<'engine.started'>, 'type'>;
export type ModelInfo = Omit<Of<'model.loaded'>, 'type'>;

export interface EngineState {
  phase: 'starting' | 'ready' | 'failed';
  info: EngineInfo | null;
  error: WireError | null;
  /** Why the GPU was lost, until somebody has read it. */
  lost: string | null;
}

export interface ModelState {
  phase: 'waiting' | 'loading' | 'ready' | 'failed';
  loadedBytes: number;
  totalBytes: number | null;
  info: ModelInfo | null;
  error: WireError | null;
  source: ModelSource['kind'];
  /** What is done at the moment, and how fast; null where nobody says. */
  phaseOfLoading: 'fetching' | 'reading' | 'placing' | null;
  bytesPerSecond: number | null;
  secondsLeft: number | null;
}

export const engineAtStart: EngineState = { phase: 'starting', info: null, error: null, lost: null };
export const modelAtStart: ModelState = {
  phase: 'waiting',
  loadedBytes: 0,
  totalBytes: null,
  info: null,
  error: null,
  source: 'bundled',
  phaseOfLoading: null,
  bytesPerSecond: null,
  secondsLeft: null,
};

export function reduceEngine(state: EngineState, event: StudioEvent): EngineState {
  switch (event.type) {
    case 'engine.started': {
      const { type: _, ...info } = event;
      return { ...state, phase: 'ready', info, error: null };
    }
    case 'engine.failed':
      return { ...state, phase: 'failed', error: event.error };
    case 'engine.lost':
      return { ...state, phase: 'starting', lost: event.reason };
    default:
      return state;
  }
}

export function reduceModel(state: ModelState, event: StudioEvent): ModelState {
  switch (event.type) {
    case 'model.progressed':
      return {
        ...state,
        phase: 'loading',
        loadedBytes: event.loadedBytes,
        totalBytes: event.totalBytes,
        phaseOfLoading: event.phase ?? null,
        bytesPerSecond: event.bytesPerSecond ?? null,
        secondsLeft: event.secondsLeft ?? null,
        error: null,
      };
    case 'model.loaded': {
      const { type: _, ...info } = event;
      return { ...state, phase: 'ready', info, error: null };
    }
    case 'model.failed':
      return { ...state, phase: 'failed', error: event.error };
    default:
      return state;
  }
}
