// A panel of one or two plots over the same axis, as curves or as a table.
import { memo, useMemo } from 'react';
import { rowsAsCsv } from '../../store/plotSeries';
import type { RunSeries } from '../../store/runSeries';
import { useScreenWords } from '../i18n/screenWords';
import { useElementWidth } from '../ui/useElementWidth';
import { MetricPlot } from './MetricPlot';
import { MetricTable, type TableColumn } from './MetricTable';
import type { PanelSpec } from './metricSpecs';
import { PanelTools, usePanelView } from './PanelTools';
import { useRowsVersion, useSeries } from './runSource';
import { useSeen } from './useSeen';
import { words } from './words';

const ONE_HEIGHT = 226;
const TWO_HEIGHT = 108;

interface MetricPanelProps {
  spec: PanelSpec;
  /** Place among all plots of the screen: decides when in a second it is drawn. */
  order: number;
  totalSteps: number;
  evaluations: RunSeries;
  onOpen(step: number): void;
  /** Lower, without help: one of many. */
  small?: boolean;
}

function TableOfPanel({ spec, order, evaluations, onOpen }: Omit<MetricPanelProps, 'totalSteps'>) {
  const word = useScreenWords(words);
  const rows = useSeries()();
  const version = useRowsVersion(order, true);
  const columns = useColumns(spec, rows, evaluations);
  return (
    <MetricTable
      title={typeof spec.title === 'string' ? word(spec.title) : spec.title.own}
      columns={columns}
      version={version}
      onOpen={onOpen}
    />
  );
}

function useColumns(spec: PanelSpec, rows: RunSeries, evaluations: RunSeries): TableColumn[] {
  const word = useScreenWords(words);
  const nameOf = (name: PanelSpec['title']) => (typeof name === 'string' ? word(name) : name.own);
  const heads = spec.plots.flatMap(({ title, lines }) =>
    lines.map(({ name }) => (title && lines.length === 1 ? word(title) : nameOf(name))),
  );
  const key = heads.join('\t');
  return useMemo(() => {
    const names = key.split('\t');
    const lines = spec.plots.flatMap(({ scale, lines }) => lines.map((line) => ({ ...line, scale })));
    return lines.map(({ metric, from, scale }, i) => ({
      series: from === 'rows' ? rows : evaluations,
      name: metric,
      head: names[i],
      scale,
    }));
  }, [spec, rows, evaluations, key]);
}

export const MetricPanel = memo(function MetricPanel(props: MetricPanelProps) {
  const { spec, order, totalSteps, evaluations, onOpen, small = false } = props;
  const word = useScreenWords(words);
  const rows = useSeries()();
  const columns = useColumns(spec, rows, evaluations);
  const [view, toggle] = usePanelView();
  const [seenRef, isSeen] = useSeen<HTMLElement>();
  const [widthRef, width] = useElementWidth<HTMLDivElement>();
  const title = typeof spec.title === 'string' ? word(spec.title) : spec.title.own;
  const height = spec.plots.length > 1 ? TWO_HEIGHT : small ? TWO_HEIGHT + 30 : ONE_HEIGHT;
  return (
    // One of many is no landmark of its own.
    <section className="panel" role={small ? 'group' : undefined} aria-label={title} ref={seenRef}>
      <header>
        <h3 className={typeof spec.title === 'string' ? undefined : 'own-name'}>{title}</h3>
      </header>
      {view === 'table' ? (
        <TableOfPanel spec={spec} order={order} evaluations={evaluations} onOpen={onOpen} />
      ) : (
        <div className="plots" ref={widthRef}>
          {spec.plots.map((plot, i) => (
            <MetricPlot
              key={plot.id}
              spec={plot}
              order={order + i}
              width={width}
              height={height}
              isSeen={isSeen}
              totalSteps={totalSteps}
              evaluations={evaluations}
              onOpen={onOpen}
            />
          ))}
        </div>
      )}
      <footer>
        {spec.help && <p className="note">{word(spec.help)}</p>}
        <PanelTools title={title} view={view} onView={toggle} csv={() => rowsAsCsv(columns)} />
      </footer>
    </section>
  );
});
