// The closing tests of the chosen runs in one table, with differences from the baseline.
import { useMemo } from 'react';
import type { Estimate } from '../../lib/differenceInterval';
import type { StoredRunSummary } from '../../store/library';
import { useScreenWords } from '../i18n/screenWords';
import { replaceQuery } from '../place';
import { useWords } from '../studioContext';
import { CopyButtons } from './CopyButtons';
import { BASE_MODEL, type ClosingRow, closingRows, type Measure, measures } from './closingRows';
import type { CompareChoice } from './compareChoice';
import { asCsv, asMarkdown, type Cell } from './tableText';
import { letterOf, useFullName } from './useRunNames';
import { words } from './words';

interface ClosingTableProps {
  choice: CompareChoice;
  runs: readonly StoredRunSummary[];
}

const columnNames: Record<Measure, string> = {
  t1: 'accuracy_t1',
  t2: 'accuracy_t2',
  delta: 'delta',
  iToC: 'i_to_c',
  cToI: 'c_to_i',
};

function useRowNames(choice: CompareChoice): { lettersOf(row: ClosingRow): string; nameOf(row: ClosingRow): string } {
  const word = useScreenWords(words);
  const runName = useFullName();
  return {
    lettersOf: ({ kind, runs }) =>
      kind === 'base' ? '' : runs.map(({ config }) => letterOf(choice.runs.indexOf(config.id))).join(' '),
    nameOf: ({ kind, runs }) => {
      if (kind === 'base') return word('base.modelShort');
      const [first] = runs;
      if (kind === 'run') return runName(first);
      return word('tests.group', { name: first.label?.group ?? runName(first), n: runs.length });
    },
  };
}

/** Whether zero is outside of the interval. */
const isClear = ({ interval }: Estimate) => interval !== null && (interval.low > 0 || interval.high < 0);

function MeasureCell({ row, measure }: { row: ClosingRow; measure: Measure }) {
  const { t, format } = useWords();
  const estimate = row.estimates[measure];
  const difference = row.differences?.[measure] ?? null;
  if (!estimate) return <td>–</td>;
  const between = ({ low, high }: { low: number; high: number }) =>
    t('points.between', { low: format.points(low), high: format.points(high) });
  // The interval of a mean over few seeds may reach below zero, where a dash would read as a minus.
  const shares = (interval: { low: number; high: number }) =>
    interval.low < 0
      ? t('points.between', { low: format.percent(interval.low, 0), high: format.percent(interval.high, 0) })
      : format.range(interval);
  const isPoints = measure === 'delta';
  const interval = estimate.interval && (isPoints ? between(estimate.interval) : shares(estimate.interval));
  return (
    <td>
      {isPoints ? format.points(estimate.value) : format.percent(estimate.value)} <small>{interval}</small>
      {difference && (
        <span className={isClear(difference) ? 'difference clear' : 'difference'}>
          {format.points(difference.value)} <small>{difference.interval && between(difference.interval)}</small>
        </span>
      )}
    </td>
  );
}

const csvHead = [
  'runs',
  'name',
  'n',
  'steps',
  'seconds',
  'tokens',
  ...measures.flatMap((measure) => {
    const name = columnNames[measure];
    return [name, `${name}_low`, `${name}_high`, `${name}_vs_baseline`, `${name}_vs_low`, `${name}_vs_high`];
  }),
];

function csvRow(row: ClosingRow, letters: string, name: string): Cell[] {
  const three = (estimate: Estimate | null | undefined): Cell[] => [
    estimate?.value ?? null,
    estimate?.interval?.low ?? null,
    estimate?.interval?.high ?? null,
  ];
  const values = measures.flatMap((measure) => [
    ...three(row.estimates[measure]),
    ...three(row.differences?.[measure]),
  ]);
  return [letters, name, row.n, row.steps, row.seconds, row.tokens, ...values];
}

function Notes({
  choice,
  rows,
  nameOf,
}: {
  choice: CompareChoice;
  rows: ClosingRow[];
  nameOf(row: ClosingRow): string;
}) {
  const word = useScreenWords(words);
  const { format } = useWords();
  const compared = rows.filter((row) => row.differences && row.n !== null);
  const others = compared.filter((row) => row.isSameProblems === false);
  const untested = rows.filter((row) => row.n === null);
  const tests = new Set(
    rows.flatMap(({ runs, n }) => (n === null ? [] : runs.map(({ config }) => `${config.level} ${n}`))),
  );
  const list = (some: ClosingRow[]) => some.map(nameOf).join(', ');
  const sentences = [
    word('tests.note'),
    tests.size === 1 && word('tests.same', { n: format.number(rows.find(({ n }) => n !== null)?.n ?? 0) }),
    others.length > 0 && word('tests.other', { names: list(others) }),
    compared.length > 0 && word(choice.base === BASE_MODEL ? 'tests.paired' : 'tests.independent'),
    rows.some(({ kind }) => kind === 'group') && word('tests.folded'),
    untested.length > 0 && word('tests.untested', { names: list(untested) }),
  ];
  return <p className="note">{sentences.filter(Boolean).join(' ')}</p>;
}

export function ClosingTable({ choice, runs }: ClosingTableProps) {
  const word = useScreenWords(words);
  const { t, format } = useWords();
  const rows = useMemo(() => closingRows(runs, choice), [runs, choice]);
  const { lettersOf, nameOf } = useRowNames(choice);
  const groups = runs.map(({ label }) => label?.group).filter((group) => group);
  const canFold = new Set(groups).size < groups.length;
  const orDash = (value: number | null, say: (value: number) => string) => (value === null ? '–' : say(value));
  const text = () => ({ head: csvHead, rows: rows.map((row) => csvRow(row, lettersOf(row), nameOf(row))) });
  const markdown = () => {
    const share = (estimate: Estimate | null, say: (value: number) => string) =>
      estimate &&
      say(estimate.value) +
        (estimate.interval ? ` (${say(estimate.interval.low)} … ${say(estimate.interval.high)})` : '');
    const cells = (row: ClosingRow) =>
      measures.flatMap((measure) => [
        share(row.estimates[measure], measure === 'delta' ? format.points : format.percent),
        share(row.differences?.[measure] ?? null, format.points),
      ]);
    const head = measures.flatMap((measure) => [word(`measure.${measure}`), word('tests.versus')]);
    return {
      head: [word('run'), ...head, 'n'],
      rows: rows.map((row) => [`${lettersOf(row)} ${nameOf(row)}`, ...cells(row), row.n]),
    };
  };
  return (
    <div className="compare-part">
      <div className="compare-head">
        <h3>{word('tests.title')}</h3>
        <span className="note">{t(choice.decoding === 'greedy' ? 'chart.greedy' : 'chart.sampled')}</span>
        {canFold && (
          <label className="check">
            <input
              type="checkbox"
              checked={choice.isFolded}
              onChange={() => replaceQuery({ fold: choice.isFolded ? null : 1 })}
            />
            {word('tests.fold')}
          </label>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label={word('tests.title')}>
        <table className="closing-table">
          <thead>
            <tr>
              <th scope="col">{word('run')}</th>
              {measures.map((measure) => (
                <th key={measure} scope="col">
                  {word(`measure.${measure}`)}
                </th>
              ))}
              <th scope="col">{word('tests.steps')}</th>
              <th scope="col">{word('tests.time')}</th>
              <th scope="col">{word('tests.tokens')}</th>
              <th scope="col">n</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key} className={row.isBaseline ? 'baseline' : undefined}>
                <th scope="row">
                  <b>{lettersOf(row)}</b> {nameOf(row)}
                  {row.isBaseline && <small> ({word('base.here')})</small>}
                </th>
                {measures.map((measure) => (
                  <MeasureCell key={measure} row={row} measure={measure} />
                ))}
                <td>{orDash(row.steps, (value) => format.number(value, value % 1 === 0 ? 0 : 1))}</td>
                <td>{orDash(row.seconds, format.duration)}</td>
                <td>{orDash(row.tokens, format.compact)}</td>
                <td>{orDash(row.n, (value) => format.number(value))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Notes choice={choice} rows={rows} nameOf={(row) => `${lettersOf(row)} ${nameOf(row)}`.trim()} />
      <CopyButtons
        of={word('tests.title')}
        kinds={[
          { word: 'copy.csv', text: () => asCsv(text()) },
          { word: 'copy.markdown', text: () => asMarkdown(markdown()) },
        ]}
      />
    </div>
  );
}
