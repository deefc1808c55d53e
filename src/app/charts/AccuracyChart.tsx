// The big chart: accuracy of the first and the second attempt on the fixed validation problems, with 95 % bands.
import { useCallback, useMemo } from 'react';
import { useWords } from '../studioContext';
import { AccuracyContext, type AccuracyData, AccuracyMarks } from './AccuracyMarks';
import { labelRoom, niceTicks, STAGE_BAND } from './chartLayout';
import { Plane } from './Plane';

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];

/** `data` must be the same object as long as nothing of it has changed. */
export function AccuracyChart({ data, xText }: { data: AccuracyData; xText(value: number): string }) {
  const { format } = useWords();
  const { width, end, tall } = data;
  const ticks = useMemo(() => niceTicks(end, width < 560 ? 4 : 7), [end, width]);
  const percent = useCallback((value: number) => format.percent(value, 0), [format]);
  return (
    <AccuracyContext value={data}>
      <Plane
        width={width}
        height={tall ? 340 : 248}
        labels={labelRoom(width)}
        under={STAGE_BAND + 2}
        xEnd={end}
        xTicks={ticks}
        xText={xText}
        low={0}
        high={1}
        yTicks={QUARTERS}
        yText={percent}
        marks={AccuracyMarks}
      />
    </AccuracyContext>
  );
}
