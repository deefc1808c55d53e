// What one model wrote: both attempts as they come, the verdict, the tokens with what else was likely.
import { Bookmark } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { AttemptView } from '../../protocol/events';
import type { Question, Side } from '../../store/playgroundSlice';
import { useScreenWords } from '../i18n/screenWords';
import { AttemptText } from '../lesson/AttemptText';
import { verdictOf } from '../lesson/Exchange';
import { useStudio, useWords } from '../studioContext';
import { DiffText } from '../ui/DiffText';
import { Mark } from '../ui/Mark';
import { TokenChoices } from './TokenChoices';
import { tokensThatDiffer } from './tokenDifference';
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
  /** The other model's answers, where what differs is to be marked; null: nothing is. */
  compared: Side | null;
  /** Under each attempt stands how it differs from the other model's. */
  showsChanges: boolean;
}

const comments = {
  i_to_i: 'flip.comment.i_to_i',
  i_to_c: 'flip.comment.i_to_c',
  c_to_i: 'flip.comment.c_to_i',
  c_to_c: 'flip.comment.c_to_c',
} as const;

interface OneAttemptProps extends Pick<AnswerColumnProps, 'compared' | 'showsChanges'> {
  attempt: AttemptView | undefined;
  place: 0 | 1;
  side: Side;
  temperature: number;
}

/** An attempt's tokens as they stand in the vocabulary; null until they have come. */
const tokenTexts = (side: Side | null, place: 0 | 1) => side?.choices?.[place]?.map(({ text }) => text) ?? null;

function OneAttempt({ attempt, place, side, temperature, compared, showsChanges }: OneAttemptProps) {
  const w = useScreenWords(words);
  const { t } = useWords();
  const choices = side.choices?.[place];
  const differs = useMemo(() => {
    const [own, other] = [tokenTexts(side, place), tokenTexts(compared, place)];
    return own && other && tokensThatDiffer(own, other);
  }, [side, compared, place]);
  const theirs = showsChanges && compared?.status === 'finished' ? compared.attempts[place] : undefined;
  return (
    <div className={`attempt attempt-${place + 1}`}>
      <h4>
        <span className="swatch" aria-hidden="true" />
        {t(place === 0 ? 'attempt.first' : 'attempt.second')}
        {attempt?.verdict && <Mark right={attempt.verdict.correct} words />}
      </h4>
      {attempt ? <AttemptText attempt={attempt} /> : <p className="model-text pending">…</p>}
      {choices && choices.length > 0 && (
        <TokenChoices place={place} choices={choices} temperature={temperature} differs={differs} />
      )}
      {side.status === 'finished' && !choices && (
        <p className="note token-choices">{w(side.error ? 'tokens.failed' : 'tokens.waiting')}</p>
      )}
      {theirs && attempt?.finished && (
        <DiffText
          before={theirs.text}
          after={attempt.text}
          title={w(place === 0 ? 'diff.first' : 'diff.second')}
          same={w('diff.same')}
          gone={w('diff.gone')}
          came={w('diff.came')}
        />
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

export function AnswerColumn(props: AnswerColumnProps) {
  const { id, title, detail, side, question, runId, compared, showsChanges } = props;
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
                compared={compared}
                showsChanges={showsChanges}
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
