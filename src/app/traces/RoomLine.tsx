// What the samples of the run take of the room they may take, and which steps were given up to stay within it.
import type { TraceRecord } from '../../protocol/traceBudget';
import type { TraceView } from '../../store/traceView';
import { useStudioState } from '../studioContext';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

/** What the worker said last of the run on screen, else what was stored with the run. */
export function useTraceRecord(runId: string): TraceRecord | null {
  return useStudioState((state) => {
    const shown = state.run.run;
    const live = shown?.config.id === runId ? shown.traces : null;
    return live ?? state.storedRuns.find(({ config }) => config.id === runId)?.traces ?? null;
  });
}

export function RoomLine({ view, runId }: { view: TraceView; runId: string }) {
  const { say, format } = useTraceWords();
  const bytes = useViewState(view, (state) => state.table.bytes);
  const record = useTraceRecord(runId);
  const size = format.megabytes(bytes);
  const thinned = record?.thinnedSteps ?? [];
  return (
    <span className="note">
      {record ? say('used.of', { size, budget: format.megabytes(record.budgetBytes) }) : say('used', { size })}
      {thinned.length > 0 && (
        <>
          {' '}
          <span className="needs-you">
            {say('thinned', {
              n: format.number(thinned.length),
              from: format.number(thinned[0]),
              to: format.number(thinned[thinned.length - 1]),
            })}
          </span>
        </>
      )}
    </span>
  );
}
