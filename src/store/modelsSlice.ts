// Models that could be loaded: those this browser keeps, and the one that is looked at before anything is fetched.
import type { WireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import type { CachedModel, ModelEstimate, ModelSource, WeightHolding } from '../protocol/models';

export interface LookedAt {
  requestId: number;
  source: ModelSource;
  /** How its weights shall be held; null: as is usual. */
  holding: WeightHolding | null;
  /** What people call it before its files are read. */
  name: string;
  /** null: its headers are being read */
  estimate: ModelEstimate | null;
  error: WireError | null;
}

export interface ModelsState {
  /** Newest first; null until they were listed. */
  cached: readonly CachedModel[] | null;
  /** Why they could not be listed or deleted. */
  fault: WireError | null;
  looked: LookedAt | null;
}

/** The usual way where it fits, else the first smaller one that does. */
function firstThatFits({ holdings = [] }: ModelEstimate): WeightHolding | null {
  const fits = holdings.findIndex((way) => way.fits);
  return fits > 0 ? holdings[fits].holding : null;
}

export const modelsAtStart: ModelsState = { cached: null, fault: null, looked: null };

export function reduceModels(state: ModelsState, event: StudioEvent): ModelsState {
  switch (event.type) {
    case 'models.listed':
      return { ...state, cached: event.models, fault: null };
    case 'models.failed':
      return { ...state, cached: state.cached ?? [], fault: event.error };
    case 'model.estimated':
      if (state.looked?.requestId !== event.requestId) return state;
      return {
        ...state,
        looked: { ...state.looked, estimate: event.estimate, holding: firstThatFits(event.estimate) },
      };
    case 'model.unestimated':
      if (state.looked?.requestId !== event.requestId) return state;
      return { ...state, looked: { ...state.looked, error: event.error } };
    case 'worker.failed':
      return { ...state, looked: null };
    default:
      return state;
  }
}
