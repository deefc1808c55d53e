// The closing tests of chosen runs as rows of one table: estimates with 95 % intervals, and how far each is from the baseline.
// Null = not measured, never 0. Shares 0–1.
import { differenceOf, type Estimate } from '../../lib/differenceInterval';
import { meanWithInterval } from '../../lib/studentT';
import { wilson } from '../../lib/wilson';
import type { EvalSummary } from '../../protocol/metrics';
import type { StoredRunSummary } from '../../store/library';
import type { Decoding } from '../../store/preferences';

export const measures = ['t1', 't2', 'delta', 'iToC', 'cToI'] as const;
export type Measure = (typeof measures)[number];
export type Estimates = Record<Measure, Estimate | null>;

/** What stands for the model before practice where a run could be named. */
export const BASE_MODEL = 'model';

export interface ClosingRow {
  key: string;
  kind: 'base' | 'run' | 'group';
  /** One; several when folded; of a base row those it was measured with. */
  runs: StoredRunSummary[];
  estimates: Estimates;
  isBaseline: boolean;
  /** From the baseline; null in its own row. */
  differences: Estimates | null;
  /** Whether all runs of both rows answered the same test problems; null where one has no test. */
  isSameProblems: boolean | null;
  /** Means over the runs of a group; null in base rows. */
  steps: number | null;
  seconds: number | null;
  tokens: number | null;
  /** Problems of the closing test, of each run. */
  n: number | null;
}

export interface ClosingChoice {
  /** A run's id or BASE_MODEL. */
  base: string;
  decoding: Decoding;
  /** Runs that were started together stand in one row. */
  isFolded: boolean;
}

function mapMeasures(value: (measure: Measure) => Estimate | null): Estimates {
  return {
    t1: value('t1'),
    t2: value('t2'),
    delta: value('delta'),
    iToC: value('iToC'),
    cToI: value('cToI'),
  };
}

const none = mapMeasures(() => null);

function estimatesOf(summary: EvalSummary): Estimates {
  const { n } = summary;
  const share = (value: number) => ({ value, interval: wilson(value * n, n) });
  return {
    t1: { value: summary.accuracyT1, interval: summary.accuracyT1Interval },
    t2: { value: summary.accuracyT2, interval: summary.accuracyT2Interval },
    delta: { value: summary.delta, interval: summary.deltaInterval },
    iToC: share(summary.iToC),
    cToI: share(summary.cToI),
  };
}

type Gains = (measure: Measure) => Estimate | null;

/** After practice minus before, of one run. Greedy second attempts were compared problem by problem. */
function gainsOf({ result }: StoredRunSummary, decoding: Decoding): Gains {
  if (!result) return () => null;
  const { before, after, comparison } = result;
  const [from, to] = [estimatesOf(before[decoding]), estimatesOf(after[decoding])];
  return (measure) => {
    if (measure === 't2' && decoding === 'greedy') return { value: comparison.gain, interval: comparison.gainInterval };
    const [a, b] = [to[measure], from[measure]];
    return a && b && differenceOf(a, b);
  };
}

/** Mean over runs with Student's t interval; of one run its own estimate. */
function meanOf(estimates: readonly (Estimate | null)[]): Estimate | null {
  const present = estimates.filter((estimate) => estimate !== null);
  if (present.length < 2) return present[0] ?? null;
  const { mean, interval } = meanWithInterval(present.map(({ value }) => value));
  return { value: mean, interval };
}

const mean = (values: readonly (number | undefined)[]): number | null => {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
};

/** The test slice is drawn from a fixed seed: level and amount name the problems. Null: no test. */
function problemsOf({ config, result }: StoredRunSummary): string | null {
  return result ? `${config.level} ${result.after.greedy.n}` : null;
}

function rowOf(runs: StoredRunSummary[], key: string, kind: 'run' | 'group', decoding: Decoding): ClosingRow {
  const tested = runs.flatMap(({ result }) => (result ? [estimatesOf(result.after[decoding])] : []));
  return {
    key,
    kind,
    runs,
    estimates: mapMeasures((measure) => meanOf(tested.map((estimates) => estimates[measure]))),
    isBaseline: false,
    differences: null,
    isSameProblems: null,
    // What is stored of a run that practises is where it was when it was last looked at.
    steps: mean(runs.map(({ status, step }) => (status === 'running' ? undefined : step))),
    seconds: mean(runs.map(({ result }) => result?.seconds)),
    tokens: mean(runs.map(({ result }) => result?.tokens)),
    n: runs.find(({ result }) => result)?.result?.after[decoding].n ?? null,
  };
}

/** A row per set of test problems and model: what the model did before practice, as the first of these runs measured it. */
function baseRows(runs: readonly StoredRunSummary[], decoding: Decoding): ClosingRow[] {
  const byTest = new Map<string, StoredRunSummary[]>();
  for (const run of runs) {
    if (!run.result) continue;
    const key = `${BASE_MODEL} ${run.config.model} ${problemsOf(run)}`;
    byTest.set(key, [...(byTest.get(key) ?? []), run]);
  }
  return [...byTest].map(([key, own]) => {
    const before = own[0].result?.before[decoding];
    return {
      ...rowOf(own, key, 'run', decoding),
      kind: 'base',
      estimates: before ? estimatesOf(before) : none,
      steps: null,
      seconds: null,
      tokens: null,
    };
  });
}

function runRows(chosen: readonly StoredRunSummary[], { decoding, isFolded }: ClosingChoice): ClosingRow[] {
  const rows = new Map<string, StoredRunSummary[]>();
  for (const run of chosen) {
    const key = isFolded && run.label?.group ? `group ${run.label.group}` : run.config.id;
    rows.set(key, [...(rows.get(key) ?? []), run]);
  }
  return [...rows].map(([key, runs]) => rowOf(runs, key, runs.length > 1 ? 'group' : 'run', decoding));
}

function isSame(a: ClosingRow, b: ClosingRow): boolean | null {
  const problems = new Set([...a.runs, ...b.runs].map(problemsOf).filter((test) => test !== null));
  return a.n === null || b.n === null ? null : problems.size === 1;
}

function comparedWith(base: ClosingRow | null, row: ClosingRow, decoding: Decoding): ClosingRow {
  if (base === null) {
    // With the model itself: every run has its own measurement of it, on the problems of its own test.
    if (row.kind === 'base') return { ...row, isBaseline: true };
    const gains = row.runs.filter(({ result }) => result).map((run) => gainsOf(run, decoding));
    const differences = mapMeasures((measure) => meanOf(gains.map((gain) => gain(measure))));
    return { ...row, differences, isSameProblems: row.n === null ? null : true };
  }
  if (row.key === base.key) return { ...row, isBaseline: true };
  const differences = mapMeasures((measure) => {
    const [own, other] = [row.estimates[measure], base.estimates[measure]];
    return own && other && differenceOf(own, other);
  });
  return { ...row, differences, isSameProblems: isSame(row, base) };
}

/** The baseline first, then the model before practice, then the runs in the order they were chosen. */
export function closingRows(chosen: readonly StoredRunSummary[], choice: ClosingChoice): ClosingRow[] {
  const runs = runRows(chosen, choice);
  const base = runs.find((row) => row.runs.some(({ config }) => config.id === choice.base)) ?? null;
  const others = [...baseRows(chosen, choice.decoding), ...runs.filter((row) => row !== base)];
  return (base ? [base, ...others] : others).map((row) => comparedWith(base, row, choice.decoding));
}
