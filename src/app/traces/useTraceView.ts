// A run's list of samples for the screen, its address kept in step with it.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { readQuery, writeQuery } from '../../store/traceQuery';
import { storedShelf } from '../../store/traceReader';
import { createTraceView, type TraceView, type TraceViewState } from '../../store/traceView';
import { readPlace, replaceQuery, usePlace } from '../place';

/** Browsers allow only so many changes of the address a second: a held key must not write each of them. */
const WRITE_AFTER_MS = 200;

/** A piece of the view's state; `select` must return a piece or a primitive, not a new object. */
export function useViewState<T>(view: TraceView, select: (state: TraceViewState) => T): T {
  return useSyncExternalStore(view.store.subscribe, () => select(view.store.getState()));
}

/** The view of one run, opened as the address says. Another run needs another component (a key). */
export function useTraceView(runId: string): TraceView {
  const place = usePlace();
  const [view] = useState(() => createTraceView(storedShelf(runId), readQuery(place.query)));
  useEffect(() => {
    void view.load();
    return () => view.close();
  }, [view]);

  const written = useRef<string | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const write = () => {
      timer = null;
      // The person has gone to another screen meanwhile.
      const here = readPlace(window.location.hash);
      if (here.screen !== 'traces' || (here.id !== null && here.id !== runId)) return;
      const { filter, sort, open, columns } = view.store.getState();
      replaceQuery(writeQuery({ filter, sort, open, columns }));
      written.current = readPlace(window.location.hash).query.toString();
    };
    const stop = view.store.subscribe((state, before) => {
      const isSame = state.filter === before.filter && state.sort === before.sort && state.open === before.open;
      if (isSame && state.columns === before.columns) return;
      timer ??= setTimeout(write, WRITE_AFTER_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [view, runId]);

  // An address that came from elsewhere (a link, Back) decides; one that was written here says nothing new.
  const said = place.query.toString();
  const heard = useRef(said);
  useEffect(() => {
    if (said === heard.current) return;
    heard.current = said;
    if (said === written.current) return;
    written.current = null;
    view.apply(readQuery(new URLSearchParams(said)));
  }, [view, said]);
  return view;
}
