// What the accuracy chart draws on its plane: stage band, base lines, bands, lines, dots, labels at the line ends instead of
// a legend, cursor, and the points as links. Each kind of mark is one path (chartPaths.ts).
import { createContext, memo, useContext, useMemo } from 'react';
import type { ChartPoint } from '../../store/chartPoints';
import { useStageWords } from '../lesson/stageWords';
import { useWords } from '../studioContext';
import { useCursor, useCursorStep } from './chartCursor';
import { type ChartFrame, type EndLabel, labelHeight, STAGE_BAND, spread } from './chartLayout';
import { bandPath, dotsPath, linePath } from './chartPaths';
import type { Places } from './Plane';
import { PointColumns } from './PointColumns';

/** More dots than this become a smear; then only the line is drawn. */
const MOST_DOTS = 90;
/** Room that the label of a line takes, px. */
const LINE_LABEL = 120;

export interface AccuracyData extends ChartFrame {
  stages: readonly { from: number; to: number; stage: string }[];
  base: { t1: number; t2: number } | null;
  nameOf(point: ChartPoint): string;
  onOpen(step: number): void;
}

export const AccuracyContext = createContext<AccuracyData | null>(null);

interface PartProps {
  data: AccuracyData;
  places: Places;
}

const numbers = (points: readonly ChartPoint[], pick: (point: ChartPoint) => number | null | undefined) =>
  points.map((point) => pick(point) ?? Number.NaN);

/** Bands, lines and dots. */
const Lines = memo(function Lines({ data, places }: PartProps) {
  const { points, unit } = data;
  const paths = useMemo(() => {
    const xs = points.map((point) => places.x(point[unit]));
    const on = (pick: (point: ChartPoint) => number | null | undefined) => numbers(points, pick).map(places.y);
    const t1 = on((point) => point.t1);
    const t2 = on((point) => point.t2);
    const hasDots = points.filter((point) => point.t1 !== null).length <= MOST_DOTS;
    return {
      band1: bandPath(
        xs,
        on((point) => point.band1?.[0]),
        on((point) => point.band1?.[1]),
      ),
      band2: bandPath(
        xs,
        on((point) => point.band2?.[0]),
        on((point) => point.band2?.[1]),
      ),
      practice1: linePath(
        xs,
        on((point) => point.practice1),
        true,
      ),
      practice2: linePath(
        xs,
        on((point) => point.practice2),
        true,
      ),
      line1: linePath(xs, t1, true),
      line2: linePath(xs, t2, true),
      dots1: hasDots ? dotsPath(xs, t1, 3.5) : '',
      dots2: hasDots ? dotsPath(xs, t2, 3.5) : '',
    };
  }, [points, unit, places]);
  return (
    <>
      <path className="band-1" d={paths.band1} />
      <path className="band-2" d={paths.band2} />
      <path className="practice-1" d={paths.practice1} />
      <path className="practice-2" d={paths.practice2} />
      <path className="line-1" d={paths.line1} />
      <path className="line-2" d={paths.line2} />
      <path className="dot-1" d={paths.dots1} />
      <path className="dot-2" d={paths.dots2} />
    </>
  );
});

function Stages({ data: { stages }, places }: PartProps) {
  const { nameOf, sentenceOf } = useStageWords();
  return stages.map(({ from, to, stage }, i) => {
    const left = places.x(from);
    const wide = places.x(to) - left;
    const under = places.bottom + 30;
    return (
      <g key={stage} className={`stage stage-${i % 2}`}>
        <title>{`${nameOf(stage)} ${sentenceOf(stage)}`}</title>
        <rect x={left} y={under} width={Math.max(0, wide)} height={STAGE_BAND} />
        <line x1={left} x2={left} y1={places.top} y2={under + STAGE_BAND} />
        {wide > 66 && (
          <text x={left + 6} y={under + 14}>
            {nameOf(stage)}
          </text>
        )}
      </g>
    );
  });
}

/** The lines carry their own names where they end; the base lines carry theirs at the edge. Near the edge they share it. */
function EndLabels({ data: { points, unit, width, base }, places }: PartProps) {
  const { t, format } = useWords();
  const measured = points.filter((point): point is ChartPoint & { t1: number; t2: number } => point.t1 !== null);
  const last = measured.at(-1);
  const short = (value: number) => format.percent(value, width < 560 ? 0 : 1);
  const ofLines: EndLabel[] = [];
  const ofBase: EndLabel[] = [];
  if (last) {
    const first = t('chart.end.first', { value: short(last.t1) });
    const second = t('chart.end.second', { value: short(last.t2) });
    ofLines.push({ text: first, y: places.y(last.t1), color: 'var(--attempt-1-ink)' });
    ofLines.push({ text: second, y: places.y(last.t2), color: 'var(--attempt-2)', bold: true });
  }
  if (base && measured.length > 1) {
    const color = 'var(--base-ink)';
    ofBase.push({ text: t('chart.end.base1', { value: short(base.t1) }), y: places.y(base.t1), color });
    ofBase.push({ text: t('chart.end.base2', { value: short(base.t2) }), y: places.y(base.t2), color });
  }
  const top = places.top + labelHeight() / 2;
  const low = places.bottom - labelHeight() / 2;
  const endOfLines = last ? places.x(last[unit]) + 10 : places.right;
  const groups =
    endOfLines + LINE_LABEL > places.right
      ? [{ x: places.right + 8, labels: spread([...ofLines, ...ofBase], top, low) }]
      : [
          { x: endOfLines, labels: spread(ofLines, top, low) },
          { x: places.right + 8, labels: spread(ofBase, top, low) },
        ];
  return groups.map((group) => (
    <g key={group.x} className="end-labels">
      {group.labels.map((label) => (
        <text key={label.text} x={group.x} y={label.y + 4} fill={label.color} fontWeight={label.bold ? 700 : 400}>
          {label.text}
        </text>
      ))}
    </g>
  ));
}

function Cursor({ data: { points, unit }, places }: PartProps) {
  const step = useCursorStep();
  const at = step === null ? undefined : points.find((point) => point.step === step);
  if (!at) return null;
  const x = places.x(at[unit]);
  return (
    <>
      <line className="cursor" x1={x} x2={x} y1={places.top} y2={places.bottom} />
      {at.t1 !== null && <circle className="dot-1" cx={x} cy={places.y(at.t1)} r="5.5" />}
      {at.t2 !== null && <circle className="dot-2" cx={x} cy={places.y(at.t2)} r="5.5" />}
    </>
  );
}

function Links({ data: { points, unit, nameOf, onOpen }, places }: PartProps) {
  const cursor = useCursor();
  return (
    <PointColumns
      steps={points.map((point) => point.step)}
      xs={points.map((point) => places.x(point[unit]))}
      landmarks={points.flatMap((point, i) => (point.evaluation ? [i] : []))}
      places={places}
      nameOf={(i) => nameOf(points[i])}
      onCursor={(hovered) => cursor.setState({ hovered })}
      onOpen={onOpen}
    />
  );
}

export function AccuracyMarks({ places }: { places: Places }) {
  const data = useContext(AccuracyContext);
  if (!data) return null;
  const { base, points } = data;
  const hasBase = base !== null && points.filter((point) => point.t1 !== null).length > 1;
  return (
    <g className="overlay">
      <Stages data={data} places={places} />
      {hasBase && (
        <g className="base-lines">
          <line
            x1={places.left}
            x2={places.right}
            y1={places.y(base.t1)}
            y2={places.y(base.t1)}
            strokeDasharray="1 4"
          />
          <line x1={places.left} x2={places.right} y1={places.y(base.t2)} y2={places.y(base.t2)} />
        </g>
      )}
      <Lines data={data} places={places} />
      <Cursor data={data} places={places} />
      <EndLabels data={data} places={places} />
      <Links data={data} places={places} />
    </g>
  );
}
