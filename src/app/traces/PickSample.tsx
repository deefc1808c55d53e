// Three ways into the list: a random sample, a best one, a worst one. "Best" and "worst" go by what was credited; among equals one is drawn.
import { columnOf, type TraceTable } from '../../store/traceTable';
import type { TraceView } from '../../store/traceView';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

/** Places of the highest (sign 1) or lowest (−1) reward of the last attempt. */
function extremes(table: TraceTable, order: Uint32Array, sign: 1 | -1): number[] {
  const last = columnOf(table, 'total@2');
  const only = columnOf(table, 'total@1');
  let best = Number.NEGATIVE_INFINITY;
  let places: number[] = [];
  order.forEach((row, place) => {
    const value = sign * (Number.isNaN(last[row]) ? only[row] : last[row]);
    if (value > best) {
      best = value;
      places = [place];
    } else if (value === best) places.push(place);
  });
  return places;
}

const draw = <T,>(list: ArrayLike<T>): T => list[Math.floor(Math.random() * list.length)];

interface PickSampleProps {
  view: TraceView;
  onGo(place: number): void;
  /** Small, beside other controls. */
  quiet?: boolean;
}

export function PickSample({ view, onGo, quiet = false }: PickSampleProps) {
  const { say } = useTraceWords();
  const count = useViewState(view, (state) => state.order.length);
  const look = quiet ? 'quiet' : undefined;
  const pick = (sign: 1 | -1) => {
    const { table, order } = view.store.getState();
    const places = extremes(table, order, sign);
    if (places.length > 0) onGo(draw(places));
  };
  return (
    <div className="actions">
      {!quiet && <span className="note">{say('sample.or')}</span>}
      <button
        type="button"
        className={look}
        disabled={count === 0}
        onClick={() => onGo(Math.floor(Math.random() * count))}
      >
        {say('sample.random')}
      </button>
      <button type="button" className={look} disabled={count === 0} onClick={() => pick(1)}>
        {say('sample.best')}
      </button>
      <button type="button" className={look} disabled={count === 0} onClick={() => pick(-1)}>
        {say('sample.worst')}
      </button>
    </div>
  );
}
