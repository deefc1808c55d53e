// From one sample to its relatives: the same problem at other steps, and the other answers to it at this step.
import { useMemo } from 'react';
import type { FlipClass } from '../../protocol/trace';
import { noFilter } from '../../store/traceFilter';
import { chunkAt, episodeOf, FLIPS, nameOf, type TraceTable } from '../../store/traceTable';
import type { TraceView } from '../../store/traceView';
import { flipKeys } from '../samples/sampleWords';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

/** More are only a number and a way into the list. */
const MOST = 12;

interface Relatives {
  /** Of the same prompt and kind at other steps. */
  same: number[];
  /** Of the same problem in the same chunk. */
  group: number[];
}

function relativesOf(table: TraceTable, row: number): Relatives {
  const home = chunkAt(table, row);
  const episode = episodeOf(table, row);
  const same: number[] = [];
  const group: number[] = [];
  table.chunks.forEach((chunk, c) => {
    if (chunk.kind !== home.kind) return;
    for (let e = 0; e < chunk.episodes; e++) {
      if (chunk.prompt[e] !== home.prompt[episode]) continue;
      const other = table.starts[c] + e;
      if (chunk !== home) same.push(other);
      else if (other !== row) group.push(other);
    }
  });
  return { same, group };
}

interface LinksProps {
  view: TraceView;
  table: TraceTable;
  rows: readonly number[];
  title: string;
  name(row: number): string;
  onAll(): void;
}

function Links({ view, table, rows, title, name, onAll }: LinksProps) {
  const { say, t, format } = useTraceWords();
  return (
    <section>
      <h4>{title}</h4>
      {rows.length === 0 && <p className="note">{say('other.none')}</p>}
      <ul className="relatives">
        {rows.slice(0, MOST).map((row) => {
          const flip: FlipClass | undefined = FLIPS[table.flip[row]];
          return (
            <li key={row}>
              <button type="button" className="quiet" onClick={() => view.apply({ open: nameOf(table, row) })}>
                {name(row)}
              </button>
              {flip && <span className={`flip ${flip}`}>{t(flipKeys[flip])}</span>}
            </li>
          );
        })}
      </ul>
      {rows.length > 0 && (
        <button type="button" className="quiet" onClick={onAll}>
          {say('other.all', { n: format.number(rows.length + 1) })}
        </button>
      )}
    </section>
  );
}

export function OtherSamples({ view, row }: { view: TraceView; row: number }) {
  const { say, format } = useTraceWords();
  const table = useViewState(view, (state) => state.table);
  const { same, group } = useMemo(() => relativesOf(table, row), [table, row]);
  const { kind, step, prompt } = chunkAt(table, row);
  const fingerprint = prompt[episodeOf(table, row)];
  const show = (at: number | null) =>
    view.apply({ filter: { ...noFilter, kind, prompt: fingerprint, from: at, to: at } });
  return (
    <div className="relatives-pair">
      <Links
        view={view}
        table={table}
        rows={same}
        title={say('other.same')}
        name={(other) => say('other.step', { step: format.number(chunkAt(table, other).step) })}
        onAll={() => show(null)}
      />
      <Links
        view={view}
        table={table}
        rows={group}
        title={say('other.group')}
        name={(other) => say('other.sample', { sample: format.number(episodeOf(table, other)) })}
        onAll={() => show(step)}
      />
    </div>
  );
}
