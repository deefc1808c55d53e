// What one model wrote: both attempts as they come, the verdict, the tokens with what else was likely.
import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import type { AttemptView } from '../../protocol/events';
import type { Question, Side } from '../../store/playgroundSlice';
import { useScreenWords } from '../i18n/screenWords';
import { AttemptText } from '../lesson/AttemptText';
import { verdictOf } from '../lesson/Exchange';
import { useStudio, useWords } from '../studioContext';
import { Mark } from '../ui/Mark';
import { TokenChoices } from './TokenChoices';
import { words } from './words';

interface AnswerColumnProps {
  /** as the heading's id */
  id: string;
  title: string;
  detail: string;
  side: Side | null;
  question: Question | null;
  /** of the model that wrote it; null: the base */
  runId: string | null;
}

const comments = {
  i_to_i: 'flip.comment.i_to_i',
  i_to_c: 'flip.comment.i_to_c',
  c_to_i: 'flip.comment.c_to_i',
  c_to_c: 'flip.comment.c_to_c',
} as const;

function OneAttempt({
  attempt,
  place,
  side,
  temperature,
}: {
  attempt: AttemptView | undefined;
  place: 0 | 1;
  side: Side;
  temperature: number;
}) {
  const w = useScreenWords(words);
  const { t } = useWords();
  const choices = side.choices?.[place];
  return (
    <div className={`attempt attempt-${place + 1}`}>
      <h4>
        <span className="swatch" aria-hidden="true" />
        {t(place === 0 ? 'attempt.first' : 'attempt.second')}
        {attempt?.verdict && <Mark right={attempt.verdict.correct} words />}
      </h4>
      {attempt ? <AttemptText attempt={attempt} /> : <p className="model-text pending">…</p>}
      {choices && choices.length > 0 && <TokenChoices place={place} choices={choices} temperature={temperature} />}
      {side.status === 'finished' && !choices && (
        <p className="note token-choices">{w(side.error ? 'tokens.failed' : 'tokens.waiting')}</p>
      )}
    </div>
  );
}

function SaveExample({ question, side, runId }: { question: Question; side: Side; runId: string | null }) {
  const w = useScreenWords(words);
  const studio = useStudio();
  const [outcome, setOutcome] = useState<{ error: string | null } | null>(null);
  const save = async () => {
    try {
      await studio.examples.save(question.numbers, side.attempts, runId);
      setOutcome({ error: null });
    } catch (error) {
      setOutcome({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  const isSaved = outcome?.error === null;
  return (
    <div className="actions">
      <button type="button" disabled={isSaved} onClick={() => void save()}>
        <Bookmark size={16} aria-hidden="true" />
        {w('save')}
      </button>
      <span className={isSaved ? 'note' : 'needs-you'} role="status">
        {outcome && (isSaved ? w('saved') : `${w('saveFailed')} ${outcome.error}`)}
      </span>
    </div>
  );
}

export function AnswerColumn({ id, title, detail, side, question, runId }: AnswerColumnProps) {
  const w = useScreenWords(words);
  const { t, format } = useWords();
  const flip = side?.status === 'finished' ? verdictOf(side.attempts) : null;
  return (
    <section className="answer" aria-labelledby={id} aria-busy={side?.status === 'streaming'}>
      <header>
        <h3 id={id}>{title}</h3>
        <p className="note">{detail}</p>
      </header>
      {!side && <p className="note">{w('side.empty')}</p>}
      {side?.status === 'waiting' && <p className="note">{w('side.waiting')}</p>}
      {side && question && side.status !== 'waiting' && (
        <>
          {([0, 1] as const)
            .filter((place) => side.status !== 'failed' || side.attempts[place])
            .map((place) => (
              <OneAttempt
                key={`${side.attemptId} ${place}`}
                attempt={side.attempts[place]}
                place={place}
                side={side}
                temperature={question.temperature}
              />
            ))}
          {/* Always there, so that nothing below jumps when it fills. */}
          <p className={flip ? `verdict ${flip}` : 'verdict'} aria-live="polite">
            {flip && (
              <>
                <span className="flip-words">
                  <Mark right={side.attempts[0].verdict?.correct ?? false} words /> <span aria-hidden="true">→</span>{' '}
                  <Mark right={side.attempts[1].verdict?.correct ?? false} words />
                </span>
                <span>{t(comments[flip])}</span>
              </>
            )}
            {side.status === 'failed' && (
              <span className="needs-you">
                {w('side.failed')} <span lang="en">{side.error?.message}</span>
              </span>
            )}
          </p>
          {side.status === 'finished' && (
            <>
              <SaveExample key={side.attemptId} question={question} side={side} runId={runId} />
              {side.tokensPerSecond !== null && Number.isFinite(side.tokensPerSecond) && (
                <p className="note">{t('attempt.rate', { rate: format.number(side.tokensPerSecond) })}</p>
              )}
            </>
          )}
        </>
      )}
    </section>
  );
}
