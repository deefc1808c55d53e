// The runs this browser keeps: look at, resume, delete. Deleting asks once and names what is lost.
import { useState } from 'react';
import type { StoredRunSummary } from '../../store/library';
import { canGoOn, isElsewhere } from '../../store/resumable';
import { isModelReady, isRunActive } from '../../store/studioState';
import { useStudio, useStudioState, useWords } from '../studioContext';

const statusKeys = {
  running: 'run.status.running',
  paused: 'run.status.paused',
  finished: 'run.status.finished',
  stopped: 'run.status.stopped',
  failed: 'run.status.failed',
} as const;

function StoredRunRow({ stored }: { stored: StoredRunSummary }) {
  const { t, format } = useWords();
  const studio = useStudio();
  const ready = useStudioState(isModelReady);
  const active = useStudioState(isRunActive);
  const shownId = useStudioState((state) => state.run.run?.config.id);
  const [isAsking, setIsAsking] = useState(false);
  const { config, status, step, result } = stored;
  const isShown = shownId === config.id;
  const mine = useStudioState((state) => state.run.mine);
  const isActive = isShown && active;
  const isAway = isElsewhere(stored, mine);
  const canResume = !active && canGoOn(stored, mine);
  const name = <span className="visually-hidden"> {format.date(config.createdAt)}</span>;
  return (
    <tr aria-current={isShown ? 'true' : undefined}>
      <th scope="row">{format.date(config.createdAt)}</th>
      <td>{t(statusKeys[status])}</td>
      <td>{t('run.stepOf', { step: format.number(step), total: format.number(config.totalSteps) })}</td>
      <td>
        {result
          ? t('runs.delta', {
              before: format.points(result.before.greedy.delta),
              after: format.points(result.after.greedy.delta),
            })
          : '–'}
      </td>
      <td>
        {isAsking ? (
          <div className="actions">
            <span className="needs-you">{t('runs.deleteAsk', { steps: format.number(step) })}</span>
            <button type="button" className="danger" onClick={() => studio.runs.remove(config.id)}>
              {t('runs.deleteYes')}
            </button>
            <button type="button" className="quiet" onClick={() => setIsAsking(false)}>
              {t('runs.deleteNo')}
            </button>
          </div>
        ) : (
          <div className="actions">
            {!isShown && (
              <button
                type="button"
                className="quiet"
                disabled={active}
                onClick={() => void studio.runs.show(config.id)}
              >
                {t('runs.show')}
                {name}
              </button>
            )}
            {canResume && (
              <button
                type="button"
                className="quiet"
                disabled={!ready}
                onClick={() => void studio.runs.continueStored(config.id)}
              >
                {t('run.resume')}
                {name}
              </button>
            )}
            {!isActive && !isAway && (
              <button type="button" className="quiet" onClick={() => setIsAsking(true)}>
                {t('runs.delete')}
                {name}
              </button>
            )}
          </div>
        )}
      </td>
    </tr>
  );
}

export function StoredRuns() {
  const { t } = useWords();
  const runs = useStudioState((state) => state.storedRuns);
  if (runs.length === 0) return null;
  return (
    <div className="stored-runs">
      <h3>{t('runs.title')}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label={t('runs.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('runs.started')}</th>
              <th scope="col">{t('run.status')}</th>
              <th scope="col">{t('run.step.label')}</th>
              <th scope="col">{t('runs.result')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('runs.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((stored) => (
              <StoredRunRow key={stored.config.id} stored={stored} />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
