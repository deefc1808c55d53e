// The charts of scene 2 with what belongs to them: readouts, switches, table view, copying. Loaded when first needed.
import { Copy } from 'lucide-react';
import { type MouseEvent, useCallback, useMemo, useState } from 'react';
import { type ChartPoint, xEnd, xOfStep } from '../../store/chartPoints';
import { useRunChart } from '../lesson/useRunChart';
import { usePreferences, useStudio, useStudioState, useWords } from '../studioContext';
import { DecodingSwitch } from '../ui/DecodingSwitch';
import { Segments } from '../ui/Segments';
import { useElementWidth } from '../ui/useElementWidth';
import { useMedia } from '../ui/useMedia';
import { useTurn } from '../ui/useTurn';
import { AccuracyChart } from './AccuracyChart';
import { FollowLive, ReadoutsAtCursor } from './AtCursor';
import { ChartTable } from './ChartTable';
import { CursorProvider, useCursor } from './chartCursor';
import { chartsAsSvg, pointsAsCsv } from './copyChart';
import { FlipChart } from './FlipChart';
import { useCopy } from './useCopy';
import { useLater } from './useLater';

/** The two charts are drawn in tasks of their own, one after the other: together they would hold the page for too long. */
const ACCURACY_LATER_MS = 20;
const FLIPS_LATER_MS = 120;

export default function RunCharts() {
  return (
    <CursorProvider>
      <ChartsOfRun />
    </CursorProvider>
  );
}

function ChartsOfRun() {
  const { t, format } = useWords();
  const studio = useStudio();
  const [preferences, setPreferences] = usePreferences();
  const newest = useRunChart();
  const points = useLater(newest, ACCURACY_LATER_MS);
  // Only what the charts draw: a step that changes nothing of it must not draw them again.
  const runId = useStudioState((state) => state.run.run?.config.id ?? null);
  const flips = useLater(runId === null ? null : points, FLIPS_LATER_MS);
  const total = useStudioState((state) => state.run.run?.config.totalSteps ?? 0);
  const runStages = useStudioState((state) => state.run.run?.stages);
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const cursor = useCursor();
  const [copied, copy] = useCopy();
  const [ref, width] = useElementWidth<HTMLDivElement>();
  const hasAccuracy = useTurn(width > 0);
  const hasFlips = useTurn(hasAccuracy && flips !== null);
  const tall = useMedia('(min-height: 860px)');
  const { xAxis: unit, decoding } = preferences;
  const end = runId === null ? 1 : xEnd(points, unit, total);
  const stages = useMemo(() => {
    const reached = points.at(-1)?.step ?? 0;
    const at = (step: number) => xOfStep(Math.min(step, reached), studio.series(), unit);
    // The last stage lasts as far as the curve has come.
    return (runStages ?? []).map(({ step, stage }, i, all) => ({
      stage,
      from: at(step),
      to: at(all[i + 1]?.step ?? reached),
    }));
  }, [runStages, points, unit, studio]);
  const measured = useMemo(() => points.filter((point) => point.evaluation !== null), [points]);
  const base = measured[0]?.step === 0 ? measured[0] : null;
  const baseLines = useMemo(() => (base?.t1 != null && base.t2 != null ? { t1: base.t1, t2: base.t2 } : null), [base]);
  const open = useCallback(
    (step: number) => {
      cursor.setState({ pinned: step });
      if (runId !== null) void studio.openSamples(runId, step);
    },
    [runId, studio, cursor],
  );
  const xTick = useCallback(
    (value: number) =>
      // Before the first run nobody knows how far the axis goes.
      runId === null
        ? ''
        : unit === 'tokens'
          ? format.compact(value)
          : format.number(value, unit === 'minutes' && end < 5 ? 1 : 0),
    [format, unit, end, runId],
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
  const data = useMemo(
    () => ({ points, unit, end, width, tall, base: baseLines, stages, nameOf, onOpen: open }),
    [points, unit, end, width, tall, baseLines, stages, nameOf, open],
  );
  const copySvg = (event: MouseEvent<HTMLElement>) => {
    const charts = event.currentTarget.closest('.charts')?.querySelectorAll<SVGSVGElement>('svg.recharts-surface');
    copy(chartsAsSvg([...(charts ?? [])]));
  };

  if (runId === null) {
    return (
      <div className="charts">
        <p className="note">{t('chart.empty')}</p>
        <div key="plots" className="plots" ref={ref}>
          {hasAccuracy && <AccuracyChart key="accuracy" data={data} xText={xTick} />}
        </div>
      </div>
    );
  }
  return (
    <div className="charts">
      <ReadoutsAtCursor points={points} measured={measured} />
      <div className="plot-head">
        <h3 className="plot-title">{t('chart.accuracyTitle')}</h3>
        <DecodingSwitch />
        <FollowLive newest={measured.at(-1)?.step} />
      </div>
      {view === 'table' ? (
        <ChartTable points={measured} decoding={decoding} onOpen={open} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: only ends hovering; every action has its own control
        <div key="plots" className="plots" ref={ref} onMouseLeave={() => cursor.setState({ hovered: null })}>
          {hasAccuracy ? (
            <AccuracyChart key="accuracy" data={data} xText={xTick} />
          ) : (
            <div style={{ height: tall ? 340 : 248 }} />
          )}
          {hasFlips && flips && (
            <>
              <h3 className="plot-title">{t('chart.flipsTitle')}</h3>
              <FlipChart points={flips} unit={unit} end={end} width={width} tall={tall} />
            </>
          )}
        </div>
      )}
      <div className="chart-switches">
        <Segments
          label={t('chart.xAxis')}
          options={[
            { value: 'step', label: t('chart.x.step') },
            { value: 'tokens', label: t('chart.x.tokens') },
            { value: 'minutes', label: t('chart.x.minutes') },
          ]}
          value={unit}
          onChange={(value) => setPreferences({ xAxis: value })}
        />
        <Segments<'chart' | 'table'>
          label={t('chart.view')}
          options={[
            { value: 'chart', label: t('chart.view.chart') },
            { value: 'table', label: t('chart.view.table') },
          ]}
          value={view}
          onChange={setView}
        />
        <span className="copying">
          <button
            type="button"
            className="quiet"
            disabled={view === 'table' || measured.length === 0}
            onClick={copySvg}
          >
            <Copy size={16} aria-hidden="true" />
            {t('chart.copySvg')}
          </button>
          <button
            type="button"
            className="quiet"
            disabled={measured.length === 0}
            onClick={() => copy(pointsAsCsv(points, decoding))}
          >
            <Copy size={16} aria-hidden="true" />
            {t('chart.copyCsv')}
          </button>
          <span role="status" className="note">
            {copied && t(copied === 'yes' ? 'chart.copied' : 'chart.copyRefused')}
          </span>
        </span>
      </div>
      <p className="note">
        {t('chart.help')} {decoding === 'sampled' && t('chart.practiceHelp')}
      </p>
    </div>
  );
}
