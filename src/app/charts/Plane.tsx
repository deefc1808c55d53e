// The still part of a chart: recharts' grid, axes and scales. It is drawn again only when an axis changes, never for new
// points: those come to `marks` by a context of the chart, past this memo, and are drawn through recharts' own scales.
// Why: one redraw of recharts with its data held the page for up to 58 ms while both cores computed; a path costs under one.
import { type ComponentType, memo } from 'react';
import {
  CartesianGrid,
  ComposedChart,
  usePlotArea,
  useXAxisScale,
  useYAxisScale,
  XAxis,
  YAxis,
  ZIndexLayer,
} from 'recharts';
import { OVER_LINES, X_PADDING, Y_AXIS_WIDTH } from './chartLayout';

/** Where things are, in pixels of the drawing. */
export interface Places {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x(value: number): number;
  y(value: number): number;
}

interface PlaneProps {
  width: number;
  height: number;
  /** Room for labels right of the plot, and under the axis, px. */
  labels: number;
  under: number;
  xEnd: number;
  xTicks: readonly number[];
  xText(value: number): string;
  hideX?: boolean;
  low: number;
  high: number;
  yTicks: readonly number[];
  yText(value: number): string;
  log?: boolean;
  marks: ComponentType<{ places: Places }>;
}

/** recharts draws no axes for an empty table; both domains are given, so the row itself does not matter. */
const ONE_ROW = [{ x: 0, y: 0 }];

function Marks({ marks: Inner }: Pick<PlaneProps, 'marks'>) {
  const plot = usePlotArea();
  const xScale = useXAxisScale();
  const yScale = useYAxisScale();
  if (!plot || !xScale || !yScale) return null;
  const places: Places = {
    left: plot.x,
    right: plot.x + plot.width,
    top: plot.y,
    bottom: plot.y + plot.height,
    x: (value) => Number(xScale(value)),
    y: (value) => Number(yScale(value)),
  };
  // The axes learn of a new size a moment later than this.
  if (Number.isNaN(places.x(0))) return null;
  return <Inner places={places} />;
}

export const Plane = memo(function Plane(props: PlaneProps) {
  const {
    width,
    height,
    labels,
    under,
    xEnd,
    xTicks,
    xText,
    hideX = false,
    low,
    high,
    yTicks,
    yText,
    log,
    marks,
  } = props;
  return (
    <ComposedChart
      width={width}
      height={height}
      data={ONE_ROW}
      margin={{ top: 10, right: labels, bottom: under, left: 0 }}
      accessibilityLayer={false}
      tabIndex={-1}
    >
      <CartesianGrid vertical={false} stroke="var(--hairline)" />
      <XAxis
        dataKey="x"
        type="number"
        // Without lines of its own recharts would place categories.
        scale="linear"
        domain={[0, xEnd]}
        allowDataOverflow
        padding={X_PADDING}
        height={30}
        hide={hideX}
        tickFormatter={xText}
        stroke="var(--quiet)"
        tickLine={false}
        ticks={xTicks}
        interval={0}
      />
      <YAxis
        dataKey="y"
        type="number"
        domain={[low, high]}
        // Without data recharts keeps to a given domain only when told so.
        allowDataOverflow
        scale={log ? 'log' : 'linear'}
        ticks={yTicks}
        interval={0}
        width={Y_AXIS_WIDTH}
        tickFormatter={yText}
        stroke="var(--quiet)"
        tickLine={false}
        axisLine={false}
      />
      <ZIndexLayer zIndex={OVER_LINES}>
        <Marks marks={marks} />
      </ZIndexLayer>
    </ComposedChart>
  );
});
