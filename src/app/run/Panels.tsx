// The overview (eight panels at most) and, behind it, every metric the run has written.
import { useDeferredValue, useMemo, useState } from 'react';
import { columnOf, evaluationSeries } from '../../store/plotSeries';
import type { RunSeries } from '../../store/runSeries';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { InTurn } from '../ui/InTurn';
import { useGrowth } from '../ui/useTurn';
import { AccuracyPanel, FlipPanel } from './AccuracyPanels';
import { MetricPanel } from './MetricPanel';
import { lessonPanels, overviewPanels, type PanelSpec, type PlotSpec, panelOfMetric } from './metricSpecs';
import { useRowsVersion, useRunView, useSeries } from './runSource';
import { words } from './words';

/** With accuracy and flips: eight. */
const MOST_PANELS = 6;
const NO_EVALUATIONS: never[] = [];
/** Panels of all metrics that are made in one task. */
const AT_A_TIME = 8;
/** Columns that say where a row is, not what was measured. */
const PLACES = ['step', 'seconds', 'tokens'];

function useEvaluationColumns(): RunSeries {
  const rows = useSeries()();
  const evaluations = useRunView((run) => run.evaluations) ?? NO_EVALUATIONS;
  return useMemo(() => evaluationSeries(evaluations, rows), [evaluations, rows]);
}

/** What the recipe reports; before the first step, the panels of the lesson's method. */
function reported(rows: RunSeries, evaluations: RunSeries): PanelSpec[] {
  if (rows.length === 0) return overviewPanels.filter(({ id }) => lessonPanels.includes(id));
  const isFilled = ({ lines }: PlotSpec) =>
    lines.some(({ metric, from }) =>
      columnOf(from === 'rows' ? rows : evaluations, metric).some((value) => Number.isFinite(value)),
    );
  return overviewPanels
    .map((spec) => ({ ...spec, plots: spec.plots.filter(isFilled) }))
    .filter(({ plots }) => plots.length > 0)
    .slice(0, MOST_PANELS);
}

interface PanelsProps {
  totalSteps: number;
  onOpen(step: number): void;
}

export function Overview(props: PanelsProps) {
  const rows = useSeries()();
  const evaluations = useEvaluationColumns();
  // What a recipe reports is known after its first rows and changes with a stage at most.
  const known = useRunView((run) => Math.min(run.step, 3) + run.stages.length) ?? 0;
  const hasEvaluations = evaluations.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: counts stand for the rows of the mutable series
  const panels = useMemo(() => reported(rows, evaluations), [rows, known, hasEvaluations]);
  let order = 2;
  return (
    <div className="panels">
      <AccuracyPanel {...props} />
      <InTurn instead={<div className="panel panel-turn" />}>
        <FlipPanel {...props} />
      </InTurn>
      {panels.map((spec) => {
        const first = order;
        order += spec.plots.length;
        return (
          <InTurn key={spec.id} instead={<div className="panel panel-turn" />}>
            <MetricPanel spec={spec} order={first} evaluations={evaluations} {...props} />
          </InTurn>
        );
      })}
    </div>
  );
}

/** Panels of metrics are made once: their identity is what keeps a plot from being computed again. */
const specs = new Map<string, PanelSpec>();
function specOf(metric: string, from: 'rows' | 'evaluations'): PanelSpec {
  const known = specs.get(metric) ?? panelOfMetric(metric, from);
  specs.set(metric, known);
  return known;
}

function EveryMetric(props: PanelsProps) {
  const word = useScreenWords(words);
  const rows = useSeries()();
  const evaluations = useEvaluationColumns();
  const [typed, setTyped] = useState('');
  const sought = useDeferredValue(typed.trim().toLowerCase());
  const all = [
    ...rows.names().map((metric) => specOf(metric, 'rows')),
    ...evaluations.names().map((metric) => specOf(metric, 'evaluations')),
  ].filter((spec) => !PLACES.includes(spec.id));
  const found = all.filter((spec) => spec.id.toLowerCase().includes(sought));
  // A few at a time: forty panels in one task would hold the page.
  const count = useGrowth(found.length, AT_A_TIME);
  return (
    <>
      <label className="find-metric">
        {word('all.find')} <input type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
      </label>
      {found.length === 0 && <p className="note">{word('all.none')}</p>}
      <div className="panels panels-small">
        {found.slice(0, count).map((spec, i) => (
          <MetricPanel key={spec.id} spec={spec} order={i} evaluations={evaluations} small {...props} />
        ))}
      </div>
    </>
  );
}

export function AllMetrics(props: PanelsProps) {
  const word = useScreenWords(words);
  const { format } = useWords();
  const rows = useSeries()();
  useRowsVersion(0, true);
  const [isOpen, setIsOpen] = useState(false);
  const evaluations = useEvaluationColumns();
  const count = [...rows.names(), ...evaluations.names()].filter((name) => !PLACES.includes(name)).length;
  if (count === 0) return null;
  return (
    <details className="all-metrics" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{word('all.title', { n: format.number(count) })}</summary>
      {isOpen && <EveryMetric {...props} />}
    </details>
  );
}
