// Runs that were just deleted, and the way to have them back while there is time.
import { Undo2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { RemovedRun } from '../../../store/runLabels';
import { useStudio, useStudioState } from '../../studioContext';
import { useStudioWords } from '../useStudioWords';

function Removed({ removed }: { removed: RemovedRun }) {
  const { s, format } = useStudioWords();
  const { labels } = useStudio();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that deleted is gone with its row: whoever works by keyboard goes on here.
    if (document.activeElement === document.body) button.current?.focus();
  }, []);
  const name = removed.name || s('runs.unnamed', { date: format.date(removed.createdAt) });
  return (
    <p className="removed-run">
      {s('removed.text', { name })}
      <button type="button" ref={button} onClick={() => void labels.undo(removed.runId)}>
        <Undo2 size={16} aria-hidden="true" />
        {s('removed.undo')}
        <span className="visually-hidden"> {name}</span>
      </button>
    </p>
  );
}

export function RemovedRuns() {
  const removed = useStudioState((state) => state.removed);
  return (
    <div className="removed-runs" role="status">
      {removed.map((run) => (
        <Removed key={run.runId} removed={run} />
      ))}
    </div>
  );
}
