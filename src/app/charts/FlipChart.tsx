// The flips behind Δ, mirrored: wrong → right up, right → wrong down, the net (= Δ) as a dot.
import { createContext, memo, useCallback, useContext, useMemo } from 'react';
import type { ChartPoint } from '../../store/chartPoints';
import { useWords } from '../studioContext';
import { useCursorStep } from './chartCursor';
import { barWidth, type ChartFrame, type EndLabel, flipLimit, labelHeight, labelRoom, spread } from './chartLayout';
import { barsPath, dotsPath } from './chartPaths';
import { type Places, Plane } from './Plane';

const NO_TICKS: number[] = [];
const FlipContext = createContext<ChartFrame | null>(null);

interface PartProps {
  frame: ChartFrame;
  places: Places;
}

function EndLabels({ frame: { points, width }, places }: PartProps) {
  const { t, format } = useWords();
  const last = points.at(-1);
  if (!last) return null;
  const isNarrow = width < 560;
  const digits = isNarrow ? 0 : 1;
  const fixed = last.fixed ?? 0;
  const broken = last.broken ?? 0;
  const labels: EndLabel[] = [
    {
      text: t(isNarrow ? 'chart.end.fixedNarrow' : 'chart.end.fixed', { value: format.percent(fixed, digits) }),
      y: places.y(fixed / 2),
      color: 'var(--fixed-ink)',
    },
    {
      text: t(isNarrow ? 'chart.end.brokenNarrow' : 'chart.end.broken', { value: format.percent(-broken, digits) }),
      y: places.y(broken / 2),
      color: 'var(--broken-ink)',
    },
    {
      text: t('chart.end.net', { value: format.points(last.delta ?? 0, digits) }),
      y: places.y(last.delta ?? 0),
      color: 'var(--ink)',
      bold: true,
    },
  ];
  return (
    <g className="end-labels">
      {spread(labels, places.top + labelHeight() / 2, places.bottom - labelHeight() / 2).map((label) => (
        <text
          key={label.text}
          x={places.right + 8}
          y={label.y + 4}
          fill={label.color}
          fontWeight={label.bold ? 700 : 400}
        >
          {label.text}
        </text>
      ))}
    </g>
  );
}

const Bars = memo(function Bars({ frame: { points, unit, end }, places }: PartProps) {
  const paths = useMemo(() => {
    const xs = points.map((point) => places.x(point[unit]));
    const on = (pick: (point: ChartPoint) => number | null) => points.map((p) => places.y(pick(p) ?? Number.NaN));
    const width = barWidth(
      points.map((point) => point[unit]),
      end,
      places.right - places.left,
    );
    const zero = places.y(0);
    return {
      fixed: barsPath(
        xs,
        zero,
        on((point) => point.fixed),
        width,
      ),
      broken: barsPath(
        xs,
        zero,
        on((point) => point.broken),
        width,
      ),
      net: dotsPath(
        xs,
        on((point) => point.delta),
        3,
      ),
    };
  }, [points, unit, end, places]);
  return (
    <>
      <path className="bar-fixed" d={paths.fixed} />
      <path className="bar-broken" d={paths.broken} />
      <path className="net-dot" d={paths.net} />
    </>
  );
});

function Cursor({ frame: { points, unit }, places }: PartProps) {
  const step = useCursorStep();
  const at = step === null ? undefined : points.find((point) => point.step === step);
  if (!at) return null;
  const x = places.x(at[unit]);
  return <line className="cursor" x1={x} x2={x} y1={places.top} y2={places.bottom} />;
}

function FlipMarks({ places }: { places: Places }) {
  const frame = useContext(FlipContext);
  if (!frame) return null;
  return (
    <g className="overlay">
      <line className="zero" x1={places.left} x2={places.right} y1={places.y(0)} y2={places.y(0)} />
      <Bars frame={frame} places={places} />
      <Cursor frame={frame} places={places} />
      <EndLabels frame={frame} places={places} />
    </g>
  );
}

export const FlipChart = memo(function FlipChart(given: ChartFrame & { height?: number }) {
  const { format } = useWords();
  const { points, unit, end, width, tall } = given;
  const frame = useMemo(
    () => ({ points: points.filter((point) => point.delta !== null), unit, end, width, tall }),
    [points, unit, end, width, tall],
  );
  const limit = flipLimit(frame.points);
  const ticks = useMemo(() => [-limit, 0, limit], [limit]);
  // Both directions are shares of problems: the sign is only the direction of the bar.
  const share = useCallback((value: number) => format.percent(Math.abs(value), 0), [format]);
  return (
    <FlipContext value={frame}>
      <Plane
        width={width}
        height={given.height ?? (tall ? 150 : 112)}
        labels={labelRoom(width)}
        under={8}
        xEnd={end}
        xTicks={NO_TICKS}
        xText={String}
        hideX
        low={-limit}
        high={limit}
        yTicks={ticks}
        yText={share}
        marks={FlipMarks}
      />
    </FlipContext>
  );
});
