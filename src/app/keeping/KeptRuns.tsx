// What takes how much room in this browser, run by run, with what can be done about it: take home, bring in, limit, delete.
import { useCallback, useEffect, useState } from 'react';
import type { RunUsage } from '../../store/keeping';
import type { StoredRunSummary } from '../../store/library';
import { useScreenWords } from '../i18n/screenWords';
import { useStudioState, useWords } from '../studioContext';
import { DeleteEverything } from './DeleteEverything';
import { ExportRun } from './ExportRun';
import { ImportRuns } from './ImportRuns';
import { TraceRoom } from './TraceRoom';
import { words } from './words';
import './keeping.css';

const totalOf = ({ metrics, evaluations, samples, checkpoints }: RunUsage) =>
  metrics + evaluations + samples + checkpoints;

function UsageRow({ usage, run }: { usage: RunUsage; run: StoredRunSummary | undefined }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const date = run ? format.date(run.config.createdAt) : usage.runId;
  const thinned = run?.traces && run.traces.thinnedSteps.length > 0 ? run.traces : null;
  return (
    <tr>
      <th scope="row">
        {run?.label?.name || date}
        {run && <span className="note"> {w('kept.seed', { seed: String(run.config.seed) })}</span>}
        {thinned && (
          <span className="note keeping-thinned">
            {w('kept.thinned', {
              steps: format.number(thinned.thinnedSteps.length),
              budget: format.bytes(thinned.budgetBytes),
            })}
          </span>
        )}
      </th>
      <td>{format.bytes(totalOf(usage))}</td>
      <td>{format.bytes(usage.metrics + usage.evaluations)}</td>
      <td>{format.bytes(usage.samples)}</td>
      <td>{format.bytes(usage.checkpoints)}</td>
      <td>
        <ExportRun runIds={[usage.runId]} label={w('export.one')} name={w('export.name', { date })} />
      </td>
    </tr>
  );
}

function UsageTable({ usages }: { usages: RunUsage[] }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const runs = useStudioState((state) => state.storedRuns);
  const sum = usages.reduce((all, usage) => all + totalOf(usage), 0);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label={w('kept.title')}>
        <table className="kept-runs">
          <thead>
            <tr>
              <th scope="col">{w('kept.run')}</th>
              <th scope="col">{w('kept.total')}</th>
              <th scope="col">{w('kept.metrics')}</th>
              <th scope="col">{w('kept.samples')}</th>
              <th scope="col">{w('kept.checkpoints')}</th>
              <th scope="col">
                <span className="visually-hidden">{w('kept.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {usages.map((usage) => (
              <UsageRow key={usage.runId} usage={usage} run={runs.find(({ config }) => config.id === usage.runId)} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{w('kept.all')}</th>
              <td>{format.bytes(sum)}</td>
              <td />
              <td />
              <td />
              <td />
            </tr>
          </tfoot>
        </table>
      </section>
      <p className="note">{w('kept.note')}</p>
    </>
  );
}

export function KeptRuns() {
  const w = useScreenWords(words);
  const [usages, setUsages] = useState<RunUsage[] | null>(null);
  const measure = useCallback(() => {
    void import('../../store/keeping').then(({ measureKept }) => measureKept()).then(setUsages, () => setUsages([]));
  }, []);
  const storedRuns = useStudioState((state) => state.storedRuns);
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when the list of runs changes
  useEffect(measure, [measure, storedRuns]);
  if (!usages) return <p className="note">{w('kept.loading')}</p>;
  return (
    <div className="kept">
      {usages.length === 0 ? <p className="note">{w('kept.none')}</p> : <UsageTable usages={usages} />}
      <div className="actions">
        {usages.length > 0 && (
          <>
            <ExportRun runIds={usages.map(({ runId }) => runId)} label={w('export.all')} withNotes />
            <DeleteEverything runs={usages.length} onChange={measure} />
          </>
        )}
      </div>
      <ImportRuns onChange={measure} />
      <TraceRoom />
    </div>
  );
}
