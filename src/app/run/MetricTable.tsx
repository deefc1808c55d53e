// A panel as a table: the same metrics in numbers, a row for every step that is shown.
import { memo, useMemo } from 'react';
import { type ColumnRef, joinColumns, tableRows } from '../../store/plotSeries';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import type { PlotSpec } from './metricSpecs';
import { formatMetric } from './metricValue';
import { words } from './words';

/** Rows of a table: enough to read a run, few enough to be drawn at once. */
const MOST_ROWS = 50;

export interface TableColumn extends ColumnRef {
  head: string;
  scale: PlotSpec['scale'];
}

const Row = memo(function Row(props: { step: number; cells: string; onOpen(step: number): void }) {
  const { t, format } = useWords();
  const { step, cells, onOpen } = props;
  return (
    <tr>
      <th scope="row">{format.number(step)}</th>
      {cells.split('\t').map((cell, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
        <td key={i}>{cell}</td>
      ))}
      <td>
        <button type="button" className="quiet" onClick={() => onOpen(step)}>
          {t('table.open')}
          <span className="visually-hidden"> {t('sample.ofStep', { step })}</span>
        </button>
      </td>
    </tr>
  );
});

interface MetricTableProps {
  title: string;
  columns: readonly TableColumn[];
  version: number;
  onOpen(step: number): void;
}

export function MetricTable({ title, columns, version, onOpen }: MetricTableProps) {
  const { t, format } = useWords();
  const word = useScreenWords(words);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the rows of the mutable series
  const joined = useMemo(() => joinColumns(columns), [columns, version]);
  const shown = tableRows(joined.steps.length, MOST_ROWS);
  const caption = word('table.caption', {
    title,
    shown: format.number(shown.length),
    all: format.number(joined.steps.length),
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll panel-table" tabIndex={0} aria-label={caption}>
      <table>
        <caption className="note">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t('table.step')}</th>
            {columns.map(({ name, head }) => (
              <th key={name} scope="col">
                {head}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{t('table.samples')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((i) => (
            <Row
              key={joined.steps[i]}
              step={joined.steps[i]}
              cells={joined.values.map((column, c) => formatMetric(format, columns[c].scale, column[i])).join('\t')}
              onOpen={onOpen}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}
