// The two panels that come first: right answers of both attempts with their intervals, and the flips behind the difference.
import { memo, useCallback, useMemo } from 'react';
import { type ChartPoint, chartPoints, xOfStep } from '../../store/chartPoints';
import type { RunSeries } from '../../store/runSeries';
import { AccuracyChart } from '../charts/AccuracyChart';
import { ReadoutsAtCursor } from '../charts/AtCursor';
import { ChartTable } from '../charts/ChartTable';
import { pointsAsCsv } from '../charts/copyChart';
import { FlipChart } from '../charts/FlipChart';
import { useLater } from '../charts/useLater';
import { useScreenWords } from '../i18n/screenWords';
import { usePreferences, useWords } from '../studioContext';
import { DecodingSwitch } from '../ui/DecodingSwitch';
import { useElementWidth } from '../ui/useElementWidth';
import { useTurn } from '../ui/useTurn';
import { useSettingsInTurn } from './chartSettings';
import { PanelTools, usePanelView } from './PanelTools';
import { useRowsVersion, useRunView, useSeries } from './runSource';
import { endOfAxis } from './usePlotData';
import { useSeen } from './useSeen';
import { words } from './words';

/** Beside the accuracy chart (248 px) with its readouts. */
const FLIPS_HEIGHT = 300;
/** Flips are drawn in a task of their own after the accuracy. */
const FLIPS_LATER_MS = 120;
const NO_STAGES: never[] = [];

function usePoints(rows: RunSeries, version: number): ChartPoint[] {
  const [{ decoding }] = usePreferences();
  const evaluations = useRunView((run) => run.evaluations);
  // Greedy points change with evaluations only.
  const rowsVersion = decoding === 'sampled' ? version : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the rows of the mutable series
  return useMemo(
    () => (evaluations ? chartPoints(evaluations, rows, decoding) : []),
    [evaluations, rows, decoding, rowsVersion],
  );
}

interface PanelsProps {
  totalSteps: number;
  onOpen(step: number): void;
}

function useAccuracyData({ totalSteps, onOpen }: PanelsProps, isSeen: boolean, width: number, order: number) {
  const { t, format } = useWords();
  const rows = useSeries()();
  const { unit } = useSettingsInTurn(order);
  const version = useRowsVersion(order, isSeen);
  const points = usePoints(rows, version);
  const runStages = useRunView((run) => run.stages);
  const reached = points.at(-1)?.step ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new points mean new rows, by which stages are placed
  const stages = useMemo(
    () =>
      (runStages ?? NO_STAGES).map(({ step, stage }, i, all) => ({
        stage,
        from: xOfStep(Math.min(step, reached), rows, unit),
        to: xOfStep(Math.min(all[i + 1]?.step ?? reached, reached), rows, unit),
      })),
    [runStages, reached, rows, unit, points],
  );
  const measured = useMemo(() => points.filter((point) => point.evaluation !== null), [points]);
  const [first] = measured;
  const base = useMemo(
    () => (first?.step === 0 && first.t1 !== null && first.t2 !== null ? { t1: first.t1, t2: first.t2 } : null),
    [first],
  );
  const nameOf = useCallback(
    (point: ChartPoint) =>
      t('chart.pointName', {
        step: format.number(point.step),
        first: format.percent(point.t1 ?? point.practice1 ?? Number.NaN),
        second: format.percent(point.t2 ?? point.practice2 ?? Number.NaN),
      }),
    [t, format],
  );
  const end = endOfAxis(rows, unit, totalSteps);
  const data = useMemo(
    () => ({ points, unit, end, width, tall: false, base, stages, nameOf, onOpen }),
    [points, unit, end, width, base, stages, nameOf, onOpen],
  );
  const xText = useCallback(
    (value: number) => (unit === 'tokens' ? format.compact(value) : format.number(value, end < 5 && value % 1 ? 1 : 0)),
    [format, unit, end],
  );
  return { data, xText, measured };
}

export const AccuracyPanel = memo(function AccuracyPanel(props: PanelsProps) {
  const word = useScreenWords(words);
  const [{ decoding }] = usePreferences();
  const [view, toggle] = usePanelView();
  const [seenRef, isSeen] = useSeen<HTMLElement>();
  const [widthRef, width] = useElementWidth<HTMLDivElement>();
  const isMyTurn = useTurn(isSeen && width > 0);
  const { data, xText, measured } = useAccuracyData(props, isSeen, width, 0);
  const title = word('panel.accuracy');
  return (
    <section className="panel panel-accuracy" aria-label={title} ref={seenRef}>
      <header>
        <h3>{title}</h3>
        <DecodingSwitch />
      </header>
      <ReadoutsAtCursor points={data.points} measured={measured} />
      {view === 'table' ? (
        <ChartTable points={measured} decoding={decoding} onOpen={props.onOpen} />
      ) : (
        <div className="plots" ref={widthRef}>
          {isMyTurn ? <AccuracyChart data={data} xText={xText} /> : <div style={{ height: 248 }} />}
        </div>
      )}
      <footer>
        <p className="note">{word('panel.accuracy.help')}</p>
        <PanelTools title={title} view={view} onView={toggle} csv={() => pointsAsCsv(data.points, decoding)} />
      </footer>
    </section>
  );
});

export const FlipPanel = memo(function FlipPanel(props: PanelsProps) {
  const word = useScreenWords(words);
  const [{ decoding }] = usePreferences();
  const [view, toggle] = usePanelView();
  const [seenRef, isSeen] = useSeen<HTMLElement>();
  const [widthRef, width] = useElementWidth<HTMLDivElement>();
  const isMyTurn = useTurn(isSeen && width > 0);
  const { data: newest, measured } = useAccuracyData(props, isSeen, width, 1);
  const data = useLater(newest, FLIPS_LATER_MS);
  const title = word('panel.flips');
  return (
    <section className="panel" aria-label={title} ref={seenRef}>
      <header>
        <h3>{title}</h3>
      </header>
      {view === 'table' ? (
        <ChartTable points={measured} decoding={decoding} onOpen={props.onOpen} />
      ) : (
        <div className="plots" ref={widthRef}>
          {isMyTurn && data.width > 0 ? (
            <FlipChart {...data} height={FLIPS_HEIGHT} />
          ) : (
            <div style={{ height: FLIPS_HEIGHT }} />
          )}
        </div>
      )}
      <footer>
        <p className="note">{word('panel.flips.help')}</p>
        <PanelTools title={title} view={view} onView={toggle} csv={() => pointsAsCsv(data.points, decoding)} />
      </footer>
    </section>
  );
});
