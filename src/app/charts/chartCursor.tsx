// One cursor for all charts of a screen: the step under the pointer, or the one that was chosen. Outside React's state, so
// that moving it draws a line in each chart and nothing else.
import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';
import { createStore, type StoreApi } from 'zustand/vanilla';

interface CursorState {
  hovered: number | null;
  pinned: number | null;
}

export type ChartCursor = StoreApi<CursorState>;

const CursorContext = createContext<ChartCursor | null>(null);

export function CursorProvider({ pinned = null, children }: { pinned?: number | null; children: ReactNode }) {
  const [cursor] = useState(() => createStore<CursorState>(() => ({ hovered: null, pinned })));
  return <CursorContext value={cursor}>{children}</CursorContext>;
}

export function useCursor(): ChartCursor {
  const cursor = useContext(CursorContext);
  if (!cursor) throw new Error('chartCursor: expected a CursorProvider above this chart, found none. Wrap it.');
  return cursor;
}

/** Null: nothing is pointed at or chosen, the charts follow the run. */
export function useCursorStep(): number | null {
  const cursor = useCursor();
  return useSyncExternalStore(cursor.subscribe, () => cursor.getState().hovered ?? cursor.getState().pinned);
}

export function usePinnedStep(): number | null {
  const cursor = useCursor();
  return useSyncExternalStore(cursor.subscribe, () => cursor.getState().pinned);
}
