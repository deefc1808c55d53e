// The axes that hold all curves, and the curves.
import { useCallback, useMemo } from 'react';
import { plotLine, roundUp } from '../../store/plotSeries';
import type { RunSeries } from '../../store/runSeries';
import { niceRange, niceTicks } from '../charts/chartLayout';
import { Plane } from '../charts/Plane';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { CurveContext, CurveMarks, type DrawnCurve } from './CurveMarks';
import type { Measure } from './closingRows';
import type { CompareChoice } from './compareChoice';
import { letterOf } from './useRunNames';
import { words } from './words';

/** Points of a line. */
const MOST_POINTS = 300;

const columns: Record<Measure, string> = {
  t1: 'accuracy_t1',
  t2: 'accuracy_t2',
  delta: 'delta',
  iToC: 'i_to_c',
  cToI: 'c_to_i',
};

/** The column of `evaluationSeries`. */
export function columnOfMeasure({ measure, decoding }: Pick<CompareChoice, 'measure' | 'decoding'>): string {
  return `${decoding === 'greedy' ? 'eval' : 'eval_sampled'}/${columns[measure]}`;
}

/** One value that all lines begin with at step 0, or null. */
function commonStart(lines: readonly Pick<DrawnCurve, 'line'>[]): number | null {
  const starts = lines.map(({ line }) => (line.step[0] === 0 ? line.y[0] : Number.NaN));
  const [first] = starts;
  return starts.length > 0 && starts.every((start) => Math.abs(start - first) < 1e-9) ? first : null;
}

interface CurvePlotProps {
  choice: CompareChoice;
  curves: ReadonlyMap<string, RunSeries>;
  /** Where the axis of steps ends at least: it stands still while a run goes on. */
  plannedSteps: number;
  width: number;
}

export function CurvePlot({ choice, curves, plannedSteps, width }: CurvePlotProps) {
  const word = useScreenWords(words);
  const { format } = useWords();
  const { measure, unit } = choice;
  const say = useCallback(
    (value: number) => (measure === 'delta' ? format.points(value) : format.percent(value)),
    [measure, format],
  );
  const drawn = useMemo(
    () =>
      choice.runs.flatMap((id, place): DrawnCurve[] => {
        const series = curves.get(id);
        if (!series) return [];
        const { raw } = plotLine(series, columnOfMeasure(choice), { unit, weight: 0, most: MOST_POINTS });
        const last = raw.y.at(-1);
        return last === undefined ? [] : [{ id, place, line: raw, label: `${letterOf(place)} ${say(last)}` }];
      }),
    [choice, curves, unit, say],
  );
  const start = commonStart(drawn);
  const baseLabel = start === null ? '' : word('curves.base', { value: say(start) });
  const data = useMemo(
    () => ({ curves: drawn, base: start === null ? null : { value: start, label: baseLabel } }),
    [drawn, start, baseLabel],
  );
  const values = drawn.flatMap(({ line }) => Array.from(line.y));
  const isAccuracy = measure === 't1' || measure === 't2';
  // Of a share the whole scale is shown; flips and gains are small and would lie flat on it.
  const { low, high, ticks } = isAccuracy
    ? { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1] }
    : niceRange(Math.min(0, ...values), Math.max(0.05, ...values), 5);
  const ticksKey = ticks.join(' ');
  const yTicks = useMemo(() => ticksKey.split(' ').map(Number), [ticksKey]);
  const furthest = Math.max(0, ...drawn.map(({ line }) => line.x.at(-1) ?? 0));
  const xEnd = unit === 'step' ? Math.max(1, plannedSteps, furthest) : roundUp(furthest);
  const xTicks = useMemo(() => niceTicks(xEnd, width < 560 ? 4 : 7), [xEnd, width]);
  const xText = useCallback(
    (value: number) =>
      unit === 'tokens' ? format.compact(value) : format.number(value, unit === 'minutes' && xEnd < 5 ? 1 : 0),
    [format, unit, xEnd],
  );
  const yText = useCallback(
    (value: number) => (measure === 'delta' ? format.points(value, 0) : format.percent(value, 0)),
    [format, measure],
  );
  if (drawn.length === 0) return <p className="charts-empty">{word('curves.none')}</p>;
  return (
    <CurveContext value={data}>
      <Plane
        width={width}
        height={320}
        labels={104}
        under={0}
        xEnd={xEnd}
        xTicks={xTicks}
        xText={xText}
        low={low}
        high={high}
        yTicks={yTicks}
        yText={yText}
        marks={CurveMarks}
      />
    </CurveContext>
  );
}
