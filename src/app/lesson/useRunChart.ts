// The run on screen as chart points; recomputed when its rows or evaluations grew, or another unit was chosen.
import { useEffect, useMemo, useRef, useState } from 'react';
import { type ChartPoint, chartPoints } from '../../store/chartPoints';
import { usePreferences, useStudio, useStudioState } from '../studioContext';

const none: ChartPoint[] = [];

/** A redraw of the charts costs tens of milliseconds: steps may come faster than that is worth. */
const REDRAW_MS = 1000;

/** Follows a value, at most one change per `ms`; the last one is never lost. */
function useAtMostEvery<T>(value: T, ms: number): T {
  const [held, setHeld] = useState(value);
  const since = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const take = () => {
      since.current = performance.now();
      setHeld(value);
    };
    const timer = setTimeout(take, Math.max(0, since.current + ms - performance.now()));
    return () => clearTimeout(timer);
  }, [value, ms]);
  return held;
}

export function useRunChart(): ChartPoint[] {
  const studio = useStudio();
  const [{ decoding }] = usePreferences();
  const evaluations = useStudioState((state) => state.run.run?.evaluations);
  // Greedy points change only with evaluations; practice batches, drawn beside the sampled ones, with every step.
  const version = useAtMostEvery(
    useStudioState((state) => (decoding === 'sampled' ? state.seriesVersion : 0)),
    REDRAW_MS,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for the rows of the mutable series
  return useMemo(
    () => (evaluations ? chartPoints(evaluations, studio.series(), decoding) : none),
    [evaluations, version, decoding, studio],
  );
}
