// What a metric's plot draws on its plane: each line as one path (as measured, thin, when it is smoothed), names at the line
// ends, the cursor, and the points as links.
import { createContext, memo, useContext, useMemo } from 'react';
import type { PlotLine } from '../../store/plotSeries';
import { useCursor, useCursorStep } from '../charts/chartCursor';
import { type EndLabel, labelHeight, spread } from '../charts/chartLayout';
import { linePath } from '../charts/chartPaths';
import type { Places } from '../charts/Plane';
import { PointColumns } from '../charts/PointColumns';
import type { DrawnLine, PlotData } from './usePlotData';

export interface MetricMarksData extends PlotData {
  nameOf(step: number): string;
  lineName(line: DrawnLine): string;
  onOpen(step: number): void;
}

export const MetricMarksContext = createContext<MetricMarksData | null>(null);

interface PartProps {
  data: MetricMarksData;
  places: Places;
}

function pathOf(line: PlotLine, { x, y }: Places): string {
  return linePath(Array.from(line.x, x), Array.from(line.y, y));
}

const Lines = memo(function Lines({ data, places }: PartProps) {
  const paths = useMemo(
    () =>
      data.lines.map(({ spec, raw, smoothed }) => ({
        key: spec.metric,
        look: spec.look,
        raw: pathOf(raw, places),
        smoothed: smoothed && pathOf(smoothed, places),
      })),
    [data, places],
  );
  return paths.map(({ key, look, raw, smoothed }) => (
    <g key={key} className={`metric-line look-${look}`}>
      <path className={smoothed ? 'as-measured' : undefined} d={raw} />
      {smoothed && <path d={smoothed} />}
    </g>
  ));
});

const inkOf: Record<DrawnLine['spec']['look'], string> = {
  first: 'var(--attempt-1-ink)',
  second: 'var(--attempt-2)',
  plain: 'var(--ink)',
  thin: 'var(--quiet)',
  dotted: 'var(--quiet)',
};

const EndLabels = memo(function EndLabels({ data, places }: PartProps) {
  // One line needs no name: the title is its name.
  if (data.lines.length < 2) return null;
  const labels: EndLabel[] = data.lines.map((line) => ({
    text: data.lineName(line),
    y: places.y((line.smoothed ?? line.raw).y.at(-1) ?? 0),
    color: inkOf[line.spec.look],
  }));
  return (
    <g className="end-labels">
      {spread(labels, places.top + labelHeight() / 2, places.bottom - labelHeight() / 2).map(({ text, y, color }) => (
        <text key={text} x={places.right + 6} y={y + 4} fill={color}>
          {text}
        </text>
      ))}
    </g>
  );
});

function Cursor({ data, places }: PartProps) {
  const step = useCursorStep();
  if (step === null) return null;
  const marks = data.lines.flatMap(({ spec, raw }) => {
    const i = raw.step.indexOf(step);
    return i < 0 ? [] : [{ metric: spec.metric, look: spec.look, x: places.x(raw.x[i]), y: places.y(raw.y[i]) }];
  });
  if (marks.length === 0) return null;
  return (
    <>
      <line className="cursor" x1={marks[0].x} x2={marks[0].x} y1={places.top} y2={places.bottom} />
      {marks.map(({ metric, look, x, y }) => (
        <circle key={metric} className={`metric-dot look-${look}`} cx={x} cy={y} r="4" />
      ))}
    </>
  );
}

function Links({ data, places }: PartProps) {
  const cursor = useCursor();
  const [first] = data.lines;
  const links = useMemo(
    () => (first ? { steps: Array.from(first.raw.step), xs: Array.from(first.raw.x, places.x) } : null),
    [first, places],
  );
  if (!links) return null;
  return (
    <PointColumns
      {...links}
      landmarks={NONE}
      places={places}
      nameOf={(i) => data.nameOf(links.steps[i])}
      onCursor={(hovered) => cursor.setState({ hovered })}
      onOpen={data.onOpen}
    />
  );
}

const NONE: number[] = [];

export function MetricMarks({ places }: { places: Places }) {
  const data = useContext(MetricMarksContext);
  if (!data) return null;
  return (
    <g className="overlay">
      <Lines data={data} places={places} />
      <Cursor data={data} places={places} />
      <EndLabels data={data} places={places} />
      <Links data={data} places={places} />
    </g>
  );
}
