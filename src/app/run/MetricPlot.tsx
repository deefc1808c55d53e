// One plot of a panel: its value at the cursor in words, and the curve.
import { memo, useCallback, useMemo } from 'react';
import { columnOf } from '../../store/plotSeries';
import type { RunSeries } from '../../store/runSeries';
import { useCursorStep } from '../charts/chartCursor';
import { niceTicks } from '../charts/chartLayout';
import { Plane } from '../charts/Plane';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { useTurn } from '../ui/useTurn';
import { useSettingsInTurn } from './chartSettings';
import { MetricMarks, MetricMarksContext, type MetricMarksData } from './MetricMarks';
import type { LineSpec, PlotSpec } from './metricSpecs';
import { formatMetric, tickWords } from './metricValue';
import { useRowsVersion, useSeries } from './runSource';
import { type DrawnLine, type PlotData, usePlotData } from './usePlotData';
import { words } from './words';

/** Room right of the plot for names of lines; without names, for half a dot. */
const LABEL_ROOM = 86;

interface MetricPlotProps {
  spec: PlotSpec;
  order: number;
  width: number;
  height: number;
  isSeen: boolean;
  totalSteps: number;
  evaluations: RunSeries;
  onOpen(step: number): void;
}

function useLineName(): (name: LineSpec['name']) => string {
  const word = useScreenWords(words);
  return (name) => (typeof name === 'string' ? word(name) : name.own);
}

/** The value of a line at a step, or the newest before it. */
function valueAt({ series, spec }: DrawnLine, step: number | null): number {
  const column = columnOf(series, spec.metric);
  if (step !== null) return column[series.indexOf(step)] ?? Number.NaN;
  for (let i = column.length - 1; i >= 0; i--) if (Number.isFinite(column[i])) return column[i];
  return Number.NaN;
}

function Readout({ spec, data }: { spec: PlotSpec; data: PlotData }) {
  const { format } = useWords();
  const word = useScreenWords(words);
  const nameOf = useLineName();
  const step = useCursorStep();
  return (
    <p className="plot-readout">
      {spec.title && <span className="plot-title">{word(spec.title)}</span>}
      {data.lines.map((line) => (
        <span key={line.spec.metric} className={`readout look-${line.spec.look}`}>
          {data.lines.length > 1 && <span className="readout-name">{nameOf(line.spec.name)} </span>}
          <b>{formatMetric(format, spec.scale, valueAt(line, step))}</b>
        </span>
      ))}
      {spec.unit && data.lines.length > 0 && <span className="readout-unit">{word(spec.unit)}</span>}
    </p>
  );
}

export const MetricPlot = memo(function MetricPlot(props: MetricPlotProps) {
  const { spec, order, width, height, isSeen, totalSteps, evaluations, onOpen } = props;
  const { format } = useWords();
  const word = useScreenWords(words);
  const nameOf = useLineName();
  const rows = useSeries()();
  const settings = useSettingsInTurn(order);
  const version = useRowsVersion(order, isSeen);
  const isMyTurn = useTurn(isSeen && width > 0);
  const data = usePlotData(spec, rows, evaluations, settings, totalSteps, version);
  // biome-ignore lint/correctness/useExhaustiveDependencies: words change with the language, which `format` stands for
  const marks = useMemo(
    (): MetricMarksData => ({
      ...data,
      lineName: (line) => nameOf(line.spec.name),
      nameOf: (step) =>
        word('plot.pointName', {
          step: format.number(step),
          values: data.lines
            .map((line) =>
              word('plot.value', {
                name: nameOf(line.spec.name),
                value: formatMetric(format, spec.scale, valueAt(line, step)),
              }),
            )
            .join(', '),
        }),
      onOpen,
    }),
    [data, format, spec, onOpen],
  );
  const { unit, xEnd } = data;
  const xTicks = useMemo(() => niceTicks(xEnd, 4), [xEnd]);
  const xText = useCallback(
    (value: number) =>
      unit === 'tokens' ? format.compact(value) : format.number(value, xEnd < 5 && value % 1 ? 1 : 0),
    [format, unit, xEnd],
  );
  // The same ticks are the same axis: nothing is drawn again.
  const ticksKey = data.ticks.join(' ');
  const yTicks = useMemo(() => ticksKey.split(' ').map(Number), [ticksKey]);
  const { isLog } = data;
  const yText = useMemo(() => tickWords(format, spec.scale, yTicks, isLog), [format, spec, yTicks, isLog]);
  const isAskedButNotLog = settings.log && spec.scale !== 'share' && !isLog && data.lines.length > 0;
  return (
    <div className="metric-plot">
      <Readout spec={spec} data={data} />
      {isMyTurn ? (
        <MetricMarksContext value={marks}>
          <Plane
            width={width}
            height={height}
            labels={data.lines.length > 1 ? LABEL_ROOM : 14}
            under={0}
            xEnd={xEnd}
            xTicks={xTicks}
            xText={xText}
            low={data.low}
            high={data.high}
            yTicks={yTicks}
            yText={yText}
            log={isLog}
            marks={MetricMarks}
          />
        </MetricMarksContext>
      ) : (
        <div style={{ height }} />
      )}
      {data.lines.length === 0 && <p className="note">{word('plot.awaited')}</p>}
      {isAskedButNotLog && <p className="note">{word('plot.notLog')}</p>}
    </div>
  );
});
