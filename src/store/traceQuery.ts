// What an address says about the list of samples, and back: filter, order and the opened sample, so that any of them can be
// shared. `step=5` is short for from=5&to=5. Values that cannot be read count as not given.
import type { FlipClass, TraceChunk } from '../protocol/trace';
import { bySteps, noFilter, type TraceFilter, type TraceSort } from './traceFilter';
import { FLIPS, type SampleName } from './traceTable';

export interface TraceQuery {
  filter: TraceFilter;
  sort: TraceSort;
  open: SampleName | null;
  /** Numbers beside the score that the list shows, by name. */
  columns: readonly string[];
}

const KINDS: readonly TraceChunk['kind'][] = ['train', 'eval_greedy', 'eval_sampled'];
const LONGEST_TEXT = 200;
export const MOST_COLUMNS = 4;
export const NO_COLUMNS: readonly string[] = [];

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function decimal(text: string | undefined): number | null {
  return text !== undefined && text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
}

/** "train.12.34": kind, step, sample. */
function readName(text: string | null): SampleName | null {
  const [kindText, stepText, sampleText] = (text ?? '').split('.');
  const kind = KINDS.find((known) => known === kindText);
  const step = whole(stepText ?? null);
  const sample = whole(sampleText ?? null);
  return kind && step !== null && sample !== null ? { kind, step, sample } : null;
}

function writeName({ kind, step, sample }: SampleName): string {
  return `${kind}.${step}.${sample}`;
}

/** "shaping@2:-10:0": column, least, most; an end may be empty. */
function readRange(text: string | null): TraceFilter['range'] {
  const match = /^(.+@[12]|problem|unchanged):([^:]*):([^:]*)$/.exec(text ?? '');
  if (!match) return null;
  return { column: match[1], min: decimal(match[2]), max: decimal(match[3]) };
}

function readSort(text: string | null): TraceSort {
  const match = /^(-?)(\w.{0,80})$/.exec(text ?? '');
  return match ? { column: match[2], descending: match[1] === '-' } : bySteps;
}

/** "landing,wrong_hops": as many as the list has room for. */
function readColumns(text: string | null): readonly string[] {
  const names = (text ?? '').split(',').filter((name) => /^\w{1,80}$/.test(name));
  return names.length > 0 ? [...new Set(names)].slice(0, MOST_COLUMNS) : NO_COLUMNS;
}

export function readQuery(query: URLSearchParams): TraceQuery {
  const step = whole(query.get('step'));
  const flip: FlipClass | undefined = FLIPS.find((known) => known === query.get('flip'));
  return {
    filter: {
      flip: flip ?? null,
      kind: KINDS.find((known) => known === query.get('kind')) ?? null,
      stage: query.get('stage') || null,
      from: step ?? whole(query.get('from')),
      to: step ?? whole(query.get('to')),
      range: readRange(query.get('range')),
      prompt: whole(query.get('prompt')),
      text: (query.get('text') ?? '').slice(0, LONGEST_TEXT),
    },
    sort: readSort(query.get('sort')),
    open: readName(query.get('open')),
    columns: readColumns(query.get('columns')),
  };
}

/** Every name of the address; null where nothing is to be said. */
export function writeQuery({ filter, sort, open, columns }: TraceQuery): Record<string, string | number | null> {
  const { from, to, range } = filter;
  const oneStep = from !== null && from === to;
  const isPlain = sort.column === bySteps.column && !sort.descending;
  return {
    flip: filter.flip,
    kind: filter.kind,
    stage: filter.stage,
    step: oneStep ? from : null,
    from: oneStep ? null : from,
    to: oneStep ? null : to,
    range: range ? `${range.column}:${range.min ?? ''}:${range.max ?? ''}` : null,
    prompt: filter.prompt,
    text: filter.text || null,
    sort: isPlain ? null : `${sort.descending ? '-' : ''}${sort.column}`,
    open: open ? writeName(open) : null,
    columns: columns.length > 0 ? columns.join(',') : null,
  };
}

export function isFiltered(filter: TraceFilter): boolean {
  return Object.entries(noFilter).some(([name, empty]) => filter[name as keyof TraceFilter] !== empty);
}
