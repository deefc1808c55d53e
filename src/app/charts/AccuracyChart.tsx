// The big chart: accuracy of the first and the second attempt on the fixed validation problems, with 95 % bands.
import { memo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import type { ChartPoint } from '../../store/chartPoints';
import { useWords } from '../studioContext';
import { AccuracyOverlay } from './AccuracyOverlay';
import { type ChartFrame, labelRoom, niceTicks, STAGE_BAND, X_PADDING, Y_AXIS_WIDTH } from './chartLayout';
import { PointColumns } from './PointColumns';

interface AccuracyChartProps extends ChartFrame {
  stages: readonly { from: number; to: number; stage: string }[];
  base: { t1: number; t2: number } | null;
  xTick(value: number): string;
  nameOf(point: ChartPoint): string;
  onCursor(step: number | null): void;
  onOpen(step: number): void;
}

/** recharts draws no axes for an empty table. */
const NOTHING_YET = [{ step: 0, tokens: 0, minutes: 0 }];

const still = { isAnimationActive: false, dot: false, activeDot: false, connectNulls: true, type: 'linear' } as const;

export const AccuracyChart = memo(function AccuracyChart({
  xTick,
  nameOf,
  onCursor,
  onOpen,
  stages,
  base,
  ...frame
}: AccuracyChartProps) {
  const { format } = useWords();
  const { points, unit, end, width, tall } = frame;
  return (
    <ComposedChart
      width={width}
      height={tall ? 340 : 248}
      data={points.length > 0 ? [...points] : NOTHING_YET}
      margin={{ top: 10, right: labelRoom(width), bottom: STAGE_BAND + 2, left: 0 }}
      accessibilityLayer={false}
      tabIndex={-1}
    >
      <CartesianGrid vertical={false} stroke="var(--hairline)" />
      <XAxis
        dataKey={unit}
        type="number"
        domain={[0, end]}
        padding={X_PADDING}
        height={30}
        tickFormatter={xTick}
        stroke="var(--quiet)"
        tickLine={false}
        ticks={niceTicks(end, width < 560 ? 4 : 7)}
        interval={0}
      />
      <YAxis
        domain={[0, 1]}
        // Without data recharts keeps to a given domain only when told so.
        allowDataOverflow
        ticks={[0, 0.25, 0.5, 0.75, 1]}
        width={Y_AXIS_WIDTH}
        tickFormatter={(value: number) => format.percent(value, 0)}
        stroke="var(--quiet)"
        tickLine={false}
        axisLine={false}
      />
      <Area {...still} dataKey="band1" stroke="none" fill="var(--attempt-1)" fillOpacity={0.18} />
      <Area {...still} dataKey="band2" stroke="none" fill="var(--attempt-2)" fillOpacity={0.18} />
      <Line {...still} dataKey="practice1" stroke="var(--attempt-1)" strokeWidth={1} strokeOpacity={0.45} />
      <Line {...still} dataKey="practice2" stroke="var(--attempt-2)" strokeWidth={1} strokeOpacity={0.45} />
      <Line {...still} dataKey="t1" stroke="var(--attempt-1)" strokeWidth={2} strokeDasharray="6 4" />
      <Line {...still} dataKey="t2" stroke="var(--attempt-2)" strokeWidth={2.5} />
      <AccuracyOverlay {...frame} stages={stages} base={base} />
      <PointColumns points={points} unit={unit} nameOf={nameOf} onCursor={onCursor} onOpen={onOpen} />
    </ComposedChart>
  );
});
