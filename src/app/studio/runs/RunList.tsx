// The runs this browser keeps, newest first; runs that were started together stand together.
import { useMemo, useState } from 'react';
import { groupRuns } from '../../../store/runGroups';
import { useStudioState } from '../../studioContext';
import { useGrowth } from '../../ui/useTurn';
import { useStudioWords } from '../useStudioWords';
import { GroupRow } from './GroupRow';
import { RunRow } from './RunRow';

/** Rows drawn at first, and with each "more": every row draws a curve of its own. */
const PAGE = 25;
/** Rows drawn in one task. */
const AT_A_TIME = 5;

export function RunList() {
  const { s, format } = useStudioWords();
  const runs = useStudioState((state) => state.storedRuns);
  const queue = useStudioState((state) => state.queue.items);
  const [most, setMost] = useState(PAGE);
  const rows = useMemo(() => groupRuns(runs, queue), [runs, queue]);
  const drawn = useGrowth(Math.min(most, rows.length), AT_A_TIME);
  const hidden = rows.length - most;
  return (
    <section className="studio-part" aria-labelledby="studio-runs">
      <div className="part-head">
        <h2 id="studio-runs" tabIndex={-1}>
          {s('runs.title')}
        </h2>
        {runs.length > 0 && <span className="note">{s('runs.count', { n: format.number(runs.length) })}</span>}
      </div>
      {rows.length === 0 ? (
        <p className="note">{s('runs.none')}</p>
      ) : (
        <ul className="run-list">
          {rows
            .slice(0, drawn)
            .map((row) =>
              'runs' in row ? (
                <GroupRow key={`group ${row.name}`} group={row} />
              ) : (
                <RunRow key={row.config.id} stored={row} />
              ),
            )}
        </ul>
      )}
      {hidden > 0 && (
        <button type="button" onClick={() => setMost(most + PAGE)}>
          {s('runs.more', { n: Math.min(PAGE, hidden) })}
        </button>
      )}
    </section>
  );
}
