// How many samples are shown of how many, how far a search has come, and the way to a row by its number.
import { type FormEvent, type ReactNode, useState } from 'react';
import type { TraceView } from '../../store/traceView';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

function Searching({ view }: { view: TraceView }) {
  const { say, format } = useTraceWords();
  const search = useViewState(view, (state) => state.search);
  if (!search) return null;
  const share = search.total === 0 ? 1 : search.done / search.total;
  const words = { share: format.percent(share, 0) };
  if (search.stopped) return <span className="note">{say('search.stopped', words)}</span>;
  return (
    <span className="actions">
      <progress max={1} value={share} aria-label={say('search.going', words)} />
      <span className="note">{say('search.going', words)}</span>
      <button type="button" className="quiet" onClick={view.stopSearch}>
        {say('search.stop')}
      </button>
    </span>
  );
}

interface CountLineProps {
  view: TraceView;
  onGo(place: number): void;
  /** Other ways to a row. */
  children?: ReactNode;
}

export function CountLine({ view, onGo, children }: CountLineProps) {
  const { say, format } = useTraceWords();
  const shown = useViewState(view, (state) => state.order.length);
  const all = useViewState(view, (state) => state.table.rows);
  const [typed, setTyped] = useState('');
  const go = (event: FormEvent) => {
    event.preventDefault();
    const row = Number(typed);
    if (typed.trim() !== '' && Number.isInteger(row)) onGo(Math.max(1, Math.min(shown, row)) - 1);
  };
  return (
    <div className="trace-count">
      <b role="status">{say('count', { shown: format.number(shown), all: format.number(all) })}</b>
      <Searching view={view} />
      <form onSubmit={go}>
        <label className="number-field">
          {say('row.go')}{' '}
          <input
            type="text"
            inputMode="numeric"
            size={7}
            value={typed}
            disabled={shown === 0}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
      </form>
      {children}
      <span id="trace-keys" className="note trace-keys">
        {say('list.keys')}
      </span>
    </div>
  );
}
