// Which samples are shown: by flip, kind, stage, steps, value and text; and how they are sorted.
import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FlipClass } from '../../protocol/trace';
import { noFilter, type TraceFilter } from '../../store/traceFilter';
import { isFiltered } from '../../store/traceQuery';
import { columnNames, FLIPS } from '../../store/traceTable';
import type { TraceView } from '../../store/traceView';
import { useStageWords } from '../lesson/stageWords';
import { flipKeys } from '../samples/sampleWords';
import { Segments } from '../ui/Segments';
import { useMedia } from '../ui/useMedia';
import { columnName, kindKeys, useTraceWords } from './columnWords';
import { NumberField } from './NumberField';
import { useViewState } from './useTraceView';

/** From most to least worth reading. */
const SHOWN_FLIPS: readonly FlipClass[] = ['i_to_c', 'c_to_i', 'c_to_c', 'i_to_i'];
const KINDS = ['train', 'eval_greedy', 'eval_sampled'] as const;
/** A text is looked for when the typing rests. */
const TYPING_MS = 300;

function TextField({ view }: { view: TraceView }) {
  const { say } = useTraceWords();
  const text = useViewState(view, (state) => state.filter.text);
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === view.store.getState().filter.text) return;
    const timer = setTimeout(() => {
      view.apply({ filter: { ...view.store.getState().filter, text: typed } });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [view, typed]);
  return (
    <label className="text-field">
      <Search size={16} aria-hidden="true" />
      <span className="visually-hidden">
        {say('filter.text')}, {say('filter.text.hint')}
      </span>
      <input
        type="search"
        value={typed}
        placeholder={say('filter.text.hint')}
        maxLength={200}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}

function SortChoice({ view }: { view: TraceView }) {
  const { say, t } = useTraceWords();
  const sort = useViewState(view, (state) => state.sort);
  const table = useViewState(view, (state) => state.table);
  return (
    <span className="field">
      <label>
        {say('sort.by')}{' '}
        <select
          value={sort.column}
          onChange={({ target }) => view.apply({ sort: { column: target.value, descending: target.value !== 'step' } })}
        >
          {columnNames(table).map((column) => (
            <option key={column} value={column}>
              {columnName(say, t, column)}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={sort.descending}
          onChange={({ target }) => view.apply({ sort: { ...sort, descending: target.checked } })}
        />
        {say('sort.down')}
      </label>
    </span>
  );
}

function MoreFilters({ view }: { view: TraceView }) {
  const { say, t } = useTraceWords();
  const { nameOf } = useStageWords();
  const filter = useViewState(view, (state) => state.filter);
  const table = useViewState(view, (state) => state.table);
  const change = (part: Partial<TraceFilter>) => view.apply({ filter: { ...filter, ...part } });
  const { range } = filter;
  return (
    <div className="trace-more">
      <label className="field">
        <span className="visually-hidden">{say('filter.kind')}</span>
        <select
          value={filter.kind ?? ''}
          onChange={({ target }) => change({ kind: KINDS.find((kind) => kind === target.value) ?? null })}
        >
          <option value="">{say('filter.kind.any')}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {say(kindKeys[kind])}
            </option>
          ))}
        </select>
      </label>
      {table.stages.length > 1 && (
        <label className="field">
          <span className="visually-hidden">{say('filter.stage')}</span>
          <select value={filter.stage ?? ''} onChange={({ target }) => change({ stage: target.value || null })}>
            <option value="">{say('filter.stage.any')}</option>
            {table.stages.map((stage) => (
              <option key={stage} value={stage}>
                {nameOf(stage)}
              </option>
            ))}
          </select>
        </label>
      )}
      <fieldset className="field">
        <legend>{say('filter.steps')}</legend>
        <NumberField whole label={say('filter.from')} value={filter.from} onChange={(from) => change({ from })} />
        <NumberField whole label={say('filter.to')} value={filter.to} onChange={(to) => change({ to })} />
      </fieldset>
      <fieldset className="field">
        <legend>{say('filter.value')}</legend>
        <select
          aria-label={say('filter.value')}
          value={range?.column ?? ''}
          onChange={({ target }) =>
            change({ range: target.value ? { min: null, max: null, ...range, column: target.value } : null })
          }
        >
          <option value="">{say('filter.value.none')}</option>
          {columnNames(table)
            .filter((column) => column !== 'step' && column !== 'flip')
            .map((column) => (
              <option key={column} value={column}>
                {columnName(say, t, column)}
              </option>
            ))}
        </select>
        {range && (
          <>
            <NumberField
              label={say('filter.min')}
              value={range.min}
              onChange={(min) => change({ range: { ...range, min } })}
            />
            <NumberField
              label={say('filter.max')}
              value={range.max}
              onChange={(max) => change({ range: { ...range, max } })}
            />
          </>
        )}
      </fieldset>
      <SortChoice view={view} />
    </div>
  );
}

export function FilterBar({ view }: { view: TraceView }) {
  const { say, t, format } = useTraceWords();
  const isNarrow = useMedia('(max-width: 900px)');
  const filter = useViewState(view, (state) => state.filter);
  const flips = useViewState(view, (state) => state.flips);
  const anyFlip = useViewState(view, (state) => state.anyFlip);
  const change = (part: Partial<TraceFilter>) => view.apply({ filter: { ...filter, ...part } });
  return (
    <search className="trace-filter" aria-label={say('filter.title')}>
      <Segments<FlipClass | 'any'>
        label={say('list.flip')}
        options={[
          { value: 'any', label: say('filter.any', { n: format.number(anyFlip) }) },
          ...SHOWN_FLIPS.map((value) => ({
            value,
            label: `${t(flipKeys[value])} ${format.number(flips[FLIPS.indexOf(value)])}`,
          })),
        ]}
        value={filter.flip ?? 'any'}
        onChange={(value) => change({ flip: value === 'any' ? null : value })}
      />
      <TextField view={view} />
      {isNarrow ? (
        <details className="more-filters">
          <summary>{say('filter.more')}</summary>
          <MoreFilters view={view} />
        </details>
      ) : (
        <MoreFilters view={view} />
      )}
      {filter.prompt !== null && (
        <button type="button" className="chip" onClick={() => change({ prompt: null })}>
          {say('filter.prompt')}: {say('filter.prompt.off')}
        </button>
      )}
      {isFiltered(filter) && (
        <button type="button" className="quiet" onClick={() => view.apply({ filter: noFilter })}>
          {say('filter.clear')}
        </button>
      )}
    </search>
  );
}
