// Choosing a model: looking at what one would need, loading it, and what is kept of earlier ones.
import type { ModelSource, WeightHolding } from '../protocol/models';
import type { StudioCore } from './connection';
import type { ModelsState } from './modelsSlice';

export interface ModelChoice {
  /** Reads headers and listings alone. @param name what people call it until its files say more */
  look(source: ModelSource, name: string): void;
  /** How its weights shall be held; null: as is usual. */
  hold(holding: WeightHolding | null): void;
  lookAway(): void;
  /** Loads what was looked at. */
  take(): void;
  /** Breaks off what is being loaded. */
  cancel(): void;
  list(): void;
  remove(id: string): void;
}

export function createModelChoice(
  core: StudioCore,
  load: (source: ModelSource, holding?: WeightHolding) => void,
): ModelChoice {
  const { port, store } = core;
  const set = (part: Partial<ModelsState>) => store.setState({ models: { ...store.getState().models, ...part } });
  port.onEvent((event) => {
    // What was loaded may be kept now.
    if (event.type === 'model.loaded' && store.getState().models.cached !== null) port.post({ type: 'models.list' });
  });
  return {
    look(source, name) {
      const requestId = core.newRequestId();
      set({ looked: { requestId, source, name, holding: null, estimate: null, error: null } });
      port.post({ type: 'model.estimate', requestId, source });
    },
    hold(holding) {
      const { looked } = store.getState().models;
      if (looked) set({ looked: { ...looked, holding } });
    },
    lookAway: () => set({ looked: null }),
    take() {
      const { looked } = store.getState().models;
      if (!looked) return;
      set({ looked: null });
      load(looked.source, looked.holding ?? undefined);
    },
    cancel: () => port.post({ type: 'model.cancel' }),
    list: () => port.post({ type: 'models.list' }),
    remove: (id) => port.post({ type: 'models.delete', id }),
  };
}
