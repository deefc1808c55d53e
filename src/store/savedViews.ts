// Named views of the list of samples: a filter and an order under a name, as their address says them. They hold for every run.
import { createStore, type StoreApi } from 'zustand/vanilla';

export interface SavedView {
  name: string;
  /** The query of the address, without the opened sample. */
  query: string;
}

export interface SavedViews {
  store: StoreApi<readonly SavedView[]>;
  /** One of the same name is replaced. */
  save(name: string, query: string): void;
  remove(name: string): void;
}

const KEY = 'second-thought.trace-views';
const MOST = 50;
const LONGEST = 500;

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { name, query } = value as Partial<Record<keyof SavedView, unknown>>;
  return typeof name === 'string' && name !== '' && typeof query === 'string' && `${name}${query}`.length <= LONGEST;
}

function readViews(text: string | null): SavedView[] {
  try {
    const given: unknown = text === null ? [] : JSON.parse(text);
    return Array.isArray(given) ? given.filter(isView).slice(0, MOST) : [];
  } catch {
    // A stored text that is not JSON counts as none.
    return [];
  }
}

/** @param storage null or blocked: views hold for this visit */
export function createSavedViews(storage: () => Storage | null): SavedViews {
  let text: string | null = null;
  try {
    text = storage()?.getItem(KEY) ?? null;
  } catch {
    // Blocked by the browser's privacy settings.
  }
  const store = createStore<readonly SavedView[]>(() => readViews(text));
  const keep = (views: readonly SavedView[]) => {
    store.setState(views, true);
    try {
      storage()?.setItem(KEY, JSON.stringify(views));
    } catch {
      // Blocked or full.
    }
  };
  return {
    store,
    save(name, query) {
      const view = { name: name.trim().slice(0, 80), query };
      if (isView(view)) keep([...store.getState().filter((other) => other.name !== view.name), view].slice(-MOST));
    },
    remove: (name) => keep(store.getState().filter((view) => view.name !== name)),
  };
}
