// What is compared and how it is shown, as the address says it: `#/compare?runs=a,b&base=a&measure=delta`.
import { useMemo } from 'react';
import type { Decoding, XAxisUnit } from '../../store/preferences';
import { hrefOf, replaceQuery, usePlace } from '../place';
import { usePreferences } from '../studioContext';
import { BASE_MODEL, type Measure, measures } from './closingRows';

/** More lines than these cannot be told apart. */
export const MOST_RUNS = 8;

export interface CompareChoice {
  runs: readonly string[];
  /** A run's id, or BASE_MODEL. */
  base: string;
  measure: Measure;
  decoding: Decoding;
  unit: XAxisUnit;
  isFolded: boolean;
  /** All lines of the configurations, not only those that differ. */
  showsAll: boolean;
}

const decodings = ['greedy', 'sampled'] as const satisfies readonly Decoding[];
const units = ['step', 'tokens', 'minutes'] as const satisfies readonly XAxisUnit[];

const oneOf = <T extends string>(known: readonly T[], given: string | null, otherwise: T): T =>
  known.find((value) => value === given) ?? otherwise;

export function readChoice(query: URLSearchParams, preferred: { decoding: Decoding; xAxis: XAxisUnit }): CompareChoice {
  const named = (query.get('runs') ?? '').split(',').filter((id) => id !== '');
  const runs = [...new Set(named)].slice(0, MOST_RUNS);
  const base = query.get('base') ?? BASE_MODEL;
  return {
    runs,
    base: runs.includes(base) ? base : BASE_MODEL,
    measure: oneOf(measures, query.get('measure'), 't2'),
    decoding: oneOf(decodings, query.get('decoding'), preferred.decoding),
    unit: oneOf(units, query.get('x'), preferred.xAxis),
    isFolded: query.get('fold') === '1',
    showsAll: query.get('all') === '1',
  };
}

export function useChoice(): CompareChoice {
  const { query } = usePlace();
  const [{ decoding, xAxis }] = usePreferences();
  return useMemo(() => readChoice(query, { decoding, xAxis }), [query, decoding, xAxis]);
}

export function chooseRuns(runs: readonly string[]): void {
  replaceQuery({ runs: runs.join(',') });
}

/** The address that compares these runs. */
export function hrefOfComparison(runs: readonly string[]): string {
  return hrefOf('compare', null, { runs: runs.slice(0, MOST_RUNS).join(',') });
}
