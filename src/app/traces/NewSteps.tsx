// Samples that came since the lists were read: shown when the person wants them, or, while the list follows the run, by themselves.
import { useEffect, useState } from 'react';
import type { TraceView } from '../../store/traceView';
import { useStudioState } from '../studioContext';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

/** Between two looks for new samples, ms: every look filters and sorts anew. */
const EVERY_MS = 3000;

export function NewSteps({ view, runId }: { view: TraceView; runId: string }) {
  const { say, format } = useTraceWords();
  const run = useStudioState((state) => (state.run.run?.config.id === runId ? state.run.run : null));
  const known = useViewState(view, (state) => state.table.chunks.at(-1)?.step ?? 0);
  const status = useViewState(view, (state) => state.status);
  // A search would begin anew with every look.
  const isSearching = useViewState(view, (state) => state.filter.text.trim() !== '');
  const [isFollowing, setIsFollowing] = useState(false);
  const step = run?.step ?? 0;
  const isGoing = run?.status === 'running';
  const isNew = status === 'ready' && step > known;
  const isTaking = isFollowing && isNew && !isSearching;
  useEffect(() => {
    if (!isTaking) return;
    const timer = setInterval(() => void view.extend(), EVERY_MS);
    return () => clearInterval(timer);
  }, [view, isTaking]);
  // A run that went back to a checkpoint writes its steps anew: what is listed of them may be others by now.
  const wentBack = isGoing && status === 'ready' && step < known - 1;
  useEffect(() => {
    if (wentBack) void view.load();
  }, [view, wentBack]);
  return (
    <>
      {isGoing && status === 'ready' && (
        <label className="check">
          <input type="checkbox" checked={isFollowing} onChange={({ target }) => setIsFollowing(target.checked)} />
          {say('new.follow')}
        </label>
      )}
      {isNew && !isTaking && (
        <button type="button" className="chip" onClick={() => void view.extend()}>
          {say('new.steps', { step: format.number(step) })}
        </button>
      )}
    </>
  );
}
