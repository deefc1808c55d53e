// The measurements of the chosen runs on validation problems: read from storage one run after the other, again when a run has
// changed; of the run that practises here, as it goes on.
import { useEffect, useMemo, useState } from 'react';
import type { StoredRunSummary } from '../../store/library';
import { evaluationSeries } from '../../store/plotSeries';
import { RunSeries } from '../../store/runSeries';
import { useStudio, useStudioState } from '../studioContext';

interface Kept {
  /** Another one means that there is more to read. */
  version: string;
  series: RunSeries;
}

/** By run id; a run that is not there is still being read. */
export function useCurves(runs: readonly StoredRunSummary[]): ReadonlyMap<string, RunSeries> {
  const studio = useStudio();
  const [kept, setKept] = useState<ReadonlyMap<string, Kept>>(new Map());
  const wanted = runs.map(({ config, status, step }) => ({ id: config.id, version: `${status} ${step}` }));
  const key = wanted.map(({ id, version }) => `${id} ${version}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is wanted; what is kept is read once per change
  useEffect(() => {
    let isWanted = true;
    const readAll = async () => {
      for (const { id, version } of wanted) {
        if (!isWanted) return;
        if (kept.get(id)?.version === version) continue;
        const stored = await studio.library.readRun(id);
        const rows = new RunSeries();
        for (const row of stored?.rows ?? []) rows.append(row);
        const measured = (stored?.evaluations ?? []).filter(({ slice }) => slice === 'validation');
        const series = evaluationSeries(measured, rows);
        if (isWanted) setKept((before) => new Map(before).set(id, { version, series }));
      }
    };
    void readAll();
    return () => {
      isWanted = false;
    };
  }, [studio, key]);
  const liveId = useStudioState((state) => (state.run.run?.live ? state.run.run.config.id : null));
  const live = useStudioState((state) => (state.run.run?.live ? state.run.run.evaluations : null));
  return useMemo(() => {
    const curves = new Map([...kept].map(([id, { series }]) => [id, series]));
    if (liveId !== null && live) curves.set(liveId, evaluationSeries(live, studio.series()));
    return curves;
  }, [kept, liveId, live, studio]);
}
