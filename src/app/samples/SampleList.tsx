// A page of samples at a time: a step holds hundreds, and nobody reads more than a screenful at once.
import { useState } from 'react';
import { expandTrace } from '../../protocol/expandTrace';
import type { Trace, TraceChunk } from '../../protocol/trace';
import { AttemptText } from '../lesson/AttemptText';
import { useWords } from '../studioContext';
import { Mark } from '../ui/Mark';
import { flipKeys, scoredTerms, viewOfTrace } from './sampleWords';

const PAGE = 20;

function Terms({ trace, attempt }: { trace: Trace; attempt: number }) {
  const { t, format } = useWords();
  // A list is skimmed: what was not scored is said in the opened sample.
  const scored = scoredTerms(t, trace, attempt).filter(({ value }) => value !== null);
  return (
    <ul className="terms">
      {scored.map(({ name, value }) => (
        <li key={name}>
          {name} <b>{value === null ? t('sample.notScored') : format.signed(value, Number.isInteger(value) ? 0 : 2)}</b>
        </li>
      ))}
    </ul>
  );
}

interface SampleListProps {
  chunk: TraceChunk;
  episodes: readonly number[];
  onOpen(episode: number): void;
}

export function SampleList({ chunk, episodes, onOpen }: SampleListProps) {
  const { t, format } = useWords();
  const [page, setPage] = useState(0);
  const pages = Math.ceil(episodes.length / PAGE);
  const visible = episodes.slice(page * PAGE, (page + 1) * PAGE);
  return (
    <>
      <ol className="sample-list" start={page * PAGE + 1}>
        {visible.map((episode) => {
          const trace = expandTrace(chunk, episode);
          return (
            <li key={episode} className={trace.flip ?? undefined}>
              <div className="sample-head">
                <span className="model-text" lang="zxx">
                  {trace.prompt}
                </span>
                {trace.flip && <span className={`flip ${trace.flip}`}>{t(flipKeys[trace.flip])}</span>}
                <button type="button" className="quiet" onClick={() => onOpen(episode)}>
                  {t('samples.tokens')}
                  <span className="visually-hidden"> {trace.prompt}</span>
                </button>
              </div>
              {trace.attempts.map((attempt, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place, first or second
                <div key={i} className={`attempt attempt-${i + 1}`}>
                  <span className="swatch" aria-hidden="true" />
                  <span className="visually-hidden">{t(i === 0 ? 'attempt.first' : 'attempt.second')}</span>
                  <Mark right={attempt.correct} />
                  <AttemptText attempt={viewOfTrace(attempt)} />
                  <Terms trace={trace} attempt={i} />
                </div>
              ))}
            </li>
          );
        })}
      </ol>
      {pages > 1 && (
        <nav className="actions" aria-label={t('samples.pages')}>
          <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {t('samples.pageBefore')}
          </button>
          <span className="note">
            {t('samples.page', { page: format.number(page + 1), pages: format.number(pages) })}
          </span>
          <button type="button" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
            {t('samples.pageAfter')}
          </button>
        </nav>
      )}
    </>
  );
}
