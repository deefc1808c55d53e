// The list and the opened sample side by side: one cursor for both.
import { useEffect, useMemo, useRef, useState } from 'react';
import { nameOf, rowOf } from '../../store/traceTable';
import type { TraceView } from '../../store/traceView';
import { InTurn } from '../ui/InTurn';
import { CountLine } from './CountLine';
import { useTraceWords } from './columnWords';
import { PaneEdge, usePaneShare } from './PaneEdge';
import { PickSample } from './PickSample';
import { useTraceRecord } from './RoomLine';
import { SampleGrid } from './SampleGrid';
import { SamplePane } from './SamplePane';
import { useViewState } from './useTraceView';

/** Why a list of one step may be empty. */
function Nothing({ view, runId }: { view: TraceView; runId: string }) {
  const { say, format } = useTraceWords();
  const { from, to } = useViewState(view, (state) => state.filter);
  const record = useTraceRecord(runId);
  const isThinned = from !== null && from === to && record?.thinnedSteps.includes(from);
  return (
    <p className="note trace-empty">
      {isThinned ? say('thinned.step', { step: format.number(from) }) : say('filter.nothing')}
    </p>
  );
}

export function TraceWork({ view, runId }: { view: TraceView; runId: string }) {
  const { say } = useTraceWords();
  const table = useViewState(view, (state) => state.table);
  const order = useViewState(view, (state) => state.order);
  const open = useViewState(view, (state) => state.open);
  const isSearching = useViewState(view, (state) => state.search !== null && !state.search.stopped);
  const place = useMemo(() => {
    const row = open ? rowOf(table, open) : -1;
    return row < 0 ? -1 : order.indexOf(row);
  }, [table, order, open]);
  const [cursor, setCursor] = useState(0);
  const [share, setShare] = usePaneShare();
  useEffect(() => {
    if (place >= 0) setCursor(place);
  }, [place]);
  useEffect(() => {
    setCursor((old) => Math.max(0, Math.min(old, order.length - 1)));
  }, [order]);
  const openAt = (to: number) => {
    setCursor(to);
    view.apply({ open: nameOf(table, order[to]) });
  };
  const list = useRef<HTMLDivElement>(null);
  const close = () => {
    view.apply({ open: null });
    // The list may only just be coming back.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[role="grid"]')?.focus());
  };
  // Beside an open sample the cursor opens what it comes to; else it only moves.
  const move = (to: number) => (open ? openAt(to) : setCursor(to));
  return (
    <>
      <CountLine view={view} onGo={move}>
        {open && <PickSample quiet view={view} onGo={openAt} />}
      </CountLine>
      <div className={open ? 'trace-work open' : 'trace-work'} style={{ ['--pane' as string]: `${share}%` }}>
        <div className="trace-list" ref={list}>
          {order.length === 0 && !isSearching ? (
            <Nothing view={view} runId={runId} />
          ) : (
            <InTurn>
              <SampleGrid view={view} cursor={cursor} onCursor={move} onOpen={openAt} />
            </InTurn>
          )}
        </div>
        <PaneEdge share={share} onShare={setShare} />
        {open ? (
          <InTurn instead={<section className="trace-pane" />}>
            <SamplePane view={view} open={open} place={place} onGo={openAt} onClose={close} />
          </InTurn>
        ) : (
          <section className="trace-pane choose" aria-label={say('sample.name')}>
            <p>{say('sample.choose')}</p>
            <PickSample view={view} onGo={openAt} />
          </section>
        )}
      </div>
    </>
  );
}
