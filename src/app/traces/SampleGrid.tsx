// The list of samples: a grid of which only the rows in sight exist. It is one tab stop; the arrow keys move a cursor.
// biome-ignore-all lint/a11y/useSemanticElements: a real table cannot leave out most of its rows
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its row (aria-activedescendant)
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { EXTRA, nameOf } from '../../store/traceTable';
import type { TraceView } from '../../store/traceView';
import { extraName } from '../samples/sampleWords';
import { useTraceWords } from './columnWords';
import { SampleRow } from './SampleRow';
import { useViewState } from './useTraceView';
import { useVirtualRows } from './useVirtualRows';

/** Height of the sticky head, px; as in traces.css. */
const HEAD = 34;

function SortHead({
  view,
  column,
  className,
  label,
}: {
  view: TraceView;
  column: string;
  className: string;
  label: string;
}) {
  const sort = useViewState(view, (state) => state.sort);
  const isSorted = sort.column === column;
  const Arrow = sort.descending ? ArrowDown : ArrowUp;
  const toggle = () =>
    view.apply({ sort: { column, descending: isSorted ? !sort.descending : column !== 'step' && column !== 'flip' } });
  return (
    <div
      role="columnheader"
      className={className}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" onClick={toggle}>
        {label}
        {isSorted && <Arrow size={14} aria-hidden="true" />}
      </button>
    </div>
  );
}

interface SampleGridProps {
  view: TraceView;
  /** Place of the cursor in the list. */
  cursor: number;
  onCursor(place: number): void;
  onOpen(place: number): void;
}

export function SampleGrid({ view, cursor, onCursor, onOpen }: SampleGridProps) {
  const { say, t } = useTraceWords();
  const table = useViewState(view, (state) => state.table);
  const order = useViewState(view, (state) => state.order);
  const open = useViewState(view, (state) => state.open);
  const chosen = useViewState(view, (state) => state.columns);
  const columns = chosen.filter((name) => table.extras.numbers.includes(name));
  useViewState(view, (state) => state.textsVersion);
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualRows(box, HEAD, order.length);
  const { first, end } = rows;
  const [hasFocus, setHasFocus] = useState(false);

  useEffect(() => {
    view.reader.want([...order.subarray(first, end)]);
  }, [view, order, first, end]);

  // The cursor is kept in sight when it is moved from elsewhere (next sample, a link), not when the list is scrolled.
  const { reveal } = rows;
  const shown = useRef({ cursor: -1, order });
  useEffect(() => {
    if (shown.current.cursor === cursor && shown.current.order === order) return;
    shown.current = { cursor, order };
    if (cursor < order.length) reveal(cursor);
  });

  const move = (to: number) => onCursor(Math.max(0, Math.min(order.length - 1, to)));
  const take = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey || order.length === 0)
      return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(cursor + 1),
      ArrowUp: () => move(cursor - 1),
      PageDown: () => move(cursor + rows.page),
      PageUp: () => move(cursor - rows.page),
      Home: () => move(0),
      End: () => move(order.length - 1),
      Enter: () => onOpen(cursor),
      ' ': () => onOpen(cursor),
    };
    const act = moves[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  const openPlace = (row: number) => {
    if (!open) return false;
    const name = nameOf(table, row);
    return name.step === open.step && name.kind === open.kind && name.sample === open.sample;
  };
  const places = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return (
    <div
      ref={box}
      role="grid"
      className={columns.length > 0 ? 'trace-grid with-extra' : 'trace-grid'}
      style={columns.length > 0 ? ({ '--extra': `repeat(${columns.length}, 7.6em)` } as CSSProperties) : undefined}
      tabIndex={0}
      aria-label={say('list.name')}
      aria-describedby="trace-keys"
      aria-rowcount={order.length + 1}
      aria-activedescendant={cursor >= first && cursor < end ? `trace-row-${cursor}` : undefined}
      onKeyDown={take}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
    >
      <div role="rowgroup" className="trace-head">
        <div role="row" aria-rowindex={1} className="trace-columns">
          <SortHead view={view} column="step" className="where" label={say('column.step')} />
          <div role="columnheader" className="prompt">
            {say('list.problem')}
          </div>
          <div role="columnheader" className="answers">
            {say('list.answers')}
          </div>
          <SortHead view={view} column="flip" className="flip" label={say('list.flip')} />
          <SortHead view={view} column="total@2" className="figures total" label={say('column.total')} />
          <SortHead view={view} column="advantage@2" className="figures advantage" label={say('column.advantage')} />
          <SortHead view={view} column="length@2" className="figures length" label={say('column.length')} />
          {columns.map((name) => (
            <SortHead
              key={name}
              view={view}
              column={`${EXTRA}${name}@2`}
              className="figures extra"
              label={extraName(t, name)}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="trace-rows" style={{ height: rows.height }}>
        {places.map((place) => (
          <SampleRow
            key={order[place]}
            id={`trace-row-${place}`}
            table={table}
            row={order[place]}
            place={place}
            text={view.reader.text(order[place])}
            isCursor={place === cursor && hasFocus}
            isOpen={openPlace(order[place])}
            columns={columns}
            style={{ top: rows.topOf(place), height: rows.rowHeight }}
            onOpen={() => onOpen(place)}
          />
        ))}
      </div>
    </div>
  );
}
