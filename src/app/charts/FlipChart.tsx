// The flips behind Δ, mirrored: wrong → right up, right → wrong down, the net (= Δ) as a dot.
import { memo } from 'react';
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  ReferenceLine,
  usePlotArea,
  useXAxisScale,
  useYAxisScale,
  XAxis,
  YAxis,
  ZIndexLayer,
} from 'recharts';
import { useWords } from '../studioContext';
import {
  barWidth,
  type ChartFrame,
  type EndLabel,
  flipLimit,
  LABEL_HEIGHT,
  labelRoom,
  OVER_LINES,
  spread,
  X_PADDING,
  Y_AXIS_WIDTH,
} from './chartLayout';

function FlipOverlay({ points, unit, width, cursor }: ChartFrame) {
  const { t, format } = useWords();
  const plot = usePlotArea();
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  if (!plot || !xScale || !yScale) return null;
  const at = points.find((point) => point.step === cursor);
  const last = points.at(-1);
  const y = (value: number) => Number(yScale(value));
  const isNarrow = width < 560;
  const digits = isNarrow ? 0 : 1;
  const labels: EndLabel[] = last
    ? [
        {
          text: t(isNarrow ? 'chart.end.fixedNarrow' : 'chart.end.fixed', {
            value: format.percent(last.fixed ?? 0, digits),
          }),
          y: y((last.fixed ?? 0) / 2),
          color: 'var(--fixed-ink)',
        },
        {
          text: t(isNarrow ? 'chart.end.brokenNarrow' : 'chart.end.broken', {
            value: format.percent(-(last.broken ?? 0), digits),
          }),
          y: y((last.broken ?? 0) / 2),
          color: 'var(--broken-ink)',
        },
        {
          text: t('chart.end.net', { value: format.points(last.delta ?? 0, digits) }),
          y: y(last.delta ?? 0),
          color: 'var(--ink)',
          bold: true,
        },
      ]
    : [];
  const right = plot.x + plot.width;
  const bottom = plot.y + plot.height;
  if (Number.isNaN(y(0)) || points.some((point) => xScale(point[unit]) === undefined)) return null;
  return (
    <ZIndexLayer zIndex={OVER_LINES}>
      <g className="overlay">
        {at && (
          <line
            className="cursor"
            x1={Number(xScale(at[unit]))}
            x2={Number(xScale(at[unit]))}
            y1={plot.y}
            y2={bottom}
          />
        )}
        {points.map((point) => (
          <circle
            key={point.step}
            className="net-dot"
            cx={Number(xScale(point[unit]))}
            cy={y(point.delta ?? 0)}
            r="3"
          />
        ))}
        <g className="end-labels">
          {spread(labels, plot.y + LABEL_HEIGHT / 2, bottom - LABEL_HEIGHT / 2).map((label) => (
            <text key={label.text} x={right + 8} y={label.y + 4} fill={label.color} fontWeight={label.bold ? 700 : 400}>
              {label.text}
            </text>
          ))}
        </g>
      </g>
    </ZIndexLayer>
  );
}

export const FlipChart = memo(function FlipChart(frame: ChartFrame) {
  const { format } = useWords();
  const { points, unit, end, width, tall } = frame;
  const measured = points.filter((point) => point.delta !== null);
  const limit = flipLimit(measured);
  const plotWidth = width - Y_AXIS_WIDTH - labelRoom(width);
  const still = {
    stackId: 'flips',
    isAnimationActive: false,
    barSize: barWidth(
      measured.map((point) => point[unit]),
      end,
      plotWidth,
    ),
  };
  return (
    <ComposedChart
      width={width}
      height={tall ? 150 : 112}
      data={measured}
      margin={{ top: 8, right: labelRoom(width), bottom: 8, left: 0 }}
      stackOffset="sign"
      accessibilityLayer={false}
      tabIndex={-1}
    >
      <CartesianGrid vertical={false} stroke="var(--hairline)" />
      <XAxis dataKey={unit} type="number" domain={[0, end]} padding={X_PADDING} hide />
      <YAxis
        domain={[-limit, limit]}
        ticks={[-limit, 0, limit]}
        interval={0}
        width={Y_AXIS_WIDTH}
        // Both directions are shares of problems: the sign is only the direction of the bar.
        tickFormatter={(value: number) => format.percent(Math.abs(value), 0)}
        stroke="var(--quiet)"
        tickLine={false}
        axisLine={false}
      />
      <ReferenceLine y={0} stroke="var(--quiet)" />
      <Bar {...still} dataKey="fixed" fill="var(--fixed)" />
      <Bar {...still} dataKey="broken" fill="var(--broken)" />
      <FlipOverlay {...frame} points={measured} />
    </ComposedChart>
  );
});
