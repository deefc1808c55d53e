// The run on screen as chart points; recomputed when its rows or evaluations grew, or another unit was chosen.
import { useMemo } from 'react';
import { type ChartPoint, chartPoints } from '../../store/chartPoints';
import { usePreferences, useStudio, useStudioState } from '../studioContext';

const none: ChartPoint[] = [];

export function useRunChart(): ChartPoint[] {
  const studio = useStudio();
  const [{ decoding }] = usePreferences();
  const evaluations = useStudioState((state) => state.run.run?.evaluations);
  const version = useStudioState((state) => state.seriesVersion);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the rows of the mutable series
  return useMemo(
    () => (evaluations ? chartPoints(evaluations, studio.series(), decoding) : none),
    [evaluations, version, decoding, studio],
  );
}
