// Which run the screen shows: the one on screen everywhere (it may be practising), or a stored one that is only looked at
// while another practises. Charts read it through these hooks and need not know which it is.
import { createContext, useContext, useEffect, useState } from 'react';
import type { RunConfig } from '../../protocol/events';
import type { ReadRun } from '../../store/runControl';
import type { RunSeries } from '../../store/runSeries';
import type { RunView } from '../../store/runSlice';
import { useStudio, useStudioState } from '../studioContext';

export interface RunSource {
  runId: string;
  config: RunConfig;
  /** Null: the run on screen. */
  stored: ReadRun | null;
}

export const RunSourceContext = createContext<RunSource | null>(null);

export function useRunSource(): RunSource {
  const source = useContext(RunSourceContext);
  if (!source) throw new Error('runSource: expected a run above this component, found none. Wrap it.');
  return source;
}

/** `select` must return a piece of the run or a primitive. Undefined for the moment in which a run was deleted. */
export function useRunView<T>(select: (run: RunView) => T): T | undefined {
  const { stored } = useRunSource();
  return useStudioState((state) => {
    const run = stored?.run ?? state.run.run;
    return run ? select(run) : undefined;
  });
}

export function useSeries(): () => RunSeries {
  const studio = useStudio();
  const { stored } = useRunSource();
  return stored ? () => stored.series : studio.series;
}

/** One change a second at most, each chart at its own moment of the second: together they would hold the page for too long. */
const PERIOD_MS = 1000;
const PHASE_MS = 90;

/** Grows when there are new rows to draw. @param order the chart's place @param isSeen an unseen chart is not drawn again */
export function useRowsVersion(order: number, isSeen: boolean): number {
  const studio = useStudio();
  const { stored } = useRunSource();
  const isFixed = stored !== null;
  const [version, setVersion] = useState(() => studio.store.getState().seriesVersion);
  useEffect(() => {
    if (isFixed || !isSeen) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const take = () => {
      timer = null;
      setVersion(studio.store.getState().seriesVersion);
    };
    const wait = () => {
      timer ??= setTimeout(take, PERIOD_MS - ((performance.now() - order * PHASE_MS) % PERIOD_MS));
    };
    if (studio.store.getState().seriesVersion !== version) wait();
    const stop = studio.store.subscribe((state, before) => {
      if (state.seriesVersion !== before.seriesVersion) wait();
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [studio, isFixed, isSeen, order, version]);
  return version;
}
