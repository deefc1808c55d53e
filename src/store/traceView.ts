// The list of a run's samples: which there are, which of them are shown in which order, and what was read of them.
// Law: nothing here is done per event of a running run; new samples are taken in when a person asks for them, or a few seconds
// apart while the list follows the run.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TraceIndex } from '../protocol/traceIndex';
import type { TraceKey } from '../storage/storedTraces';
import { bySteps, filterRows, noFilter, sortRows, type TraceFilter, type TraceSort } from './traceFilter';
import { NO_COLUMNS, type TraceQuery } from './traceQuery';
import { TraceReader, type TraceShelf } from './traceReader';
import { searchTexts } from './traceSearch';
import { columnNames, emptyTable, type SampleName, type TraceTable, tableOf } from './traceTable';

export interface TraceViewState {
  status: 'reading' | 'ready' | 'failed';
  /** While lists are read: chunks done of all. `building`: of chunks that had none yet. */
  reading: { done: number; total: number; building: boolean } | null;
  error: string | null;
  table: TraceTable;
  filter: TraceFilter;
  sort: TraceSort;
  /** The opened sample; it may lie outside of the filter. */
  open: SampleName | null;
  /** Numbers beside the score that the list shows; those the table does not have are not drawn. */
  columns: readonly string[];
  /** Rows shown, in their order. */
  order: Uint32Array;
  /** Rows of each flip class that the other conditions leave (`FLIPS`), and of any; of what is searched, before the text. */
  flips: readonly number[];
  anyFlip: number;
  /** While a text is looked for: chunks done of all. `stopped`: broken off, the rows found so far are shown. */
  search: { done: number; total: number; stopped: boolean } | null;
  /** Grows when texts of rows have come. */
  textsVersion: number;
}

export interface TraceView {
  store: StoreApi<TraceViewState>;
  reader: TraceReader;
  /** Reads the lists; again: takes in what came since. */
  load(): Promise<void>;
  /** Takes in the steps after the last one known, and reads nothing again. */
  extend(): Promise<void>;
  apply(query: Partial<TraceQuery>): void;
  stopSearch(): void;
  close(): void;
}

const nameOfKey = ({ step, kind }: TraceKey) => `${step} ${kind}`;

/** Lists read at once: enough to be quick, few enough that each is a short task. */
const BATCH = 48;
const SEARCH_PULSE = 150;

export function createTraceView(shelf: TraceShelf, query: Partial<TraceQuery> = {}): TraceView {
  const store = createStore<TraceViewState>(() => ({
    status: 'reading',
    reading: null,
    error: null,
    table: emptyTable,
    filter: query.filter ?? noFilter,
    sort: query.sort ?? bySteps,
    open: query.open ?? null,
    columns: query.columns ?? NO_COLUMNS,
    order: new Uint32Array(0),
    flips: [0, 0, 0, 0],
    anyFlip: 0,
    search: null,
    textsVersion: 0,
  }));
  const set = (part: Partial<TraceViewState>) => store.setState(part);
  const reader = new TraceReader(shelf, () => set({ textsVersion: store.getState().textsVersion + 1 }));
  let searching: AbortController | null = null;
  let isClosed = false;
  let loading: Promise<void> | null = null;

  /** What a table does not know (an old address, another run) sorts by steps. */
  function sortFor(table: TraceTable, sort: TraceSort): TraceSort {
    return columnNames(table).includes(sort.column) ? sort : bySteps;
  }

  function arrange(): void {
    const { table, filter, sort } = store.getState();
    searching?.abort();
    searching = null;
    const { rows, flips, anyFlip } = filterRows(table, filter);
    const text = filter.text.trim();
    if (text === '') {
      set({ order: sortRows(table, rows, sortFor(table, sort)), flips, anyFlip, search: null });
    } else {
      set({ order: new Uint32Array(0), flips, anyFlip });
      void look(rows, text);
    }
  }

  async function look(rows: Uint32Array, text: string): Promise<void> {
    const { table } = store.getState();
    const mine = new AbortController();
    searching = mine;
    let shown = Number.NEGATIVE_INFINITY;
    set({ search: { done: 0, total: 1, stopped: false } });
    const show = (found: number[]) => sortRows(table, Uint32Array.from(found), sortFor(table, store.getState().sort));
    let found: number[] = [];
    try {
      await searchTexts({
        table,
        rows,
        text,
        read: (key) => reader.chunk(key),
        signal: mine.signal,
        onProgress(progress) {
          found = progress.found;
          const now = performance.now();
          if (now - shown < SEARCH_PULSE) return;
          shown = now;
          set({ order: show(found), search: { done: progress.done, total: progress.total, stopped: false } });
        },
      });
      if (searching === mine) set({ order: show(found), search: null });
    } catch (error) {
      if (searching === mine) set({ order: show(found), search: null, error: wordsOf(error) });
    }
  }

  async function read(kept: readonly TraceIndex[]): Promise<void> {
    try {
      const known = new Set(kept.map(nameOfKey));
      const last = kept.at(-1)?.step ?? 0;
      const all = await shelf.keys();
      const keys = kept.length === 0 ? all : all.filter((key) => key.step >= last && !known.has(nameOfKey(key)));
      const indexes: (TraceIndex | null)[] = [];
      const report = (done: number, building: boolean) => {
        if (kept.length === 0) set({ reading: { done, total: keys.length, building } });
      };
      for (let from = 0; from < keys.length && !isClosed; from += BATCH) {
        report(from, false);
        indexes.push(...(await shelf.indexes(keys.slice(from, from + BATCH))));
      }
      for (const [i, key] of keys.entries()) {
        if (indexes[i] !== null || isClosed) continue;
        report(i, true);
        indexes[i] = await shelf.index(key);
      }
      if (isClosed || (kept.length > 0 && keys.length === 0)) return;
      const table = tableOf([...kept, ...indexes.filter((index) => index !== null)]);
      reader.follow(table);
      set({ status: 'ready', reading: null, error: null, table });
      arrange();
    } catch (error) {
      if (!isClosed) set({ status: 'failed', reading: null, error: wordsOf(error) });
    }
  }

  function readOnce(kept: readonly TraceIndex[]): Promise<void> {
    loading ??= read(kept).finally(() => {
      loading = null;
    });
    return loading;
  }

  return {
    store,
    reader,
    load: () => readOnce([]),
    extend: () => readOnce(store.getState().table.chunks),
    apply(change) {
      const before = store.getState();
      set(change);
      const { filter, sort } = store.getState();
      if (filter !== before.filter || sort !== before.sort) arrange();
    },
    stopSearch() {
      const { search } = store.getState();
      if (!search) return;
      searching?.abort();
      searching = null;
      set({ search: { ...search, stopped: true } });
    },
    close() {
      isClosed = true;
      searching?.abort();
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
