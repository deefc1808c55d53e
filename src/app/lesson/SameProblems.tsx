// The problems of scene 1 again: what the base model made of them, and what the model makes of them after practising.
import { useMemo, useState } from 'react';
import { type Ask, beforeAndAfter } from '../../store/askSlice';
import { isModelReady } from '../../store/studioState';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { Mark } from '../ui/Mark';
import { AttemptText } from './AttemptText';

function Answer({ ask, place }: { ask: Ask | null; place: 0 | 1 }) {
  const attempt = ask?.attempts[place];
  if (!attempt) return <span className="note">…</span>;
  return (
    <div className={`attempt attempt-${place + 1}`}>
      <span className="swatch" aria-hidden="true" />
      {attempt.verdict && <Mark right={attempt.verdict.correct} />}
      <AttemptText attempt={attempt} />
    </div>
  );
}

export function SameProblems({ runId }: { runId: string }) {
  const { t } = useWords();
  const studio = useStudio();
  const ready = useStudioState(isModelReady);
  const asks = useStudioState((state) => state.ask.asks);
  const [busy, setBusy] = useState(false);
  const rows = useMemo(() => beforeAndAfter(asks, runId), [asks, runId]);
  const compare = async () => {
    setBusy(true);
    await studio.asking.compare(runId);
    setBusy(false);
  };
  const isComplete = rows.length > 0 && rows.every((row) => row.after);
  return (
    <div className="same-problems">
      <h3>{t('same.title')}</h3>
      {!isComplete && (
        <div className="actions">
          <button type="button" className="primary" disabled={!ready || busy} onClick={() => void compare()}>
            {t(busy ? 'watch.answering' : rows.length > 0 ? 'same.ask' : 'same.askFresh')}
          </button>
        </div>
      )}
      {rows.some((row) => row.after) && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className="table-scroll" tabIndex={0} aria-label={t('same.title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('problem.label')}</th>
                <th scope="col">{t('same.before')}</th>
                <th scope="col">{t('same.after')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.numbers.join(' ')}>
                  <th scope="row" className="model-text">
                    {row.numbers.join(' ')}
                  </th>
                  <td data-label={t('same.before')}>
                    <Answer ask={row.before} place={0} />
                    <Answer ask={row.before} place={1} />
                  </td>
                  <td data-label={t('same.after')}>
                    <Answer ask={row.after} place={0} />
                    <Answer ask={row.after} place={1} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
