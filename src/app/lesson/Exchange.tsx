// What was said: first attempt, the sentence in between, second attempt, and the verdict.
import { CORRECTION_INSTRUCTION } from '../../lib/dialProblem';
import type { AttemptView } from '../../protocol/events';
import type { Ask } from '../../store/askSlice';
import { useWords } from '../studioContext';
import { Mark } from '../ui/Mark';
import { AttemptText } from './AttemptText';

function why(attempt: AttemptView): 'verdict.notWellFormed' | 'verdict.badArithmetic' | 'verdict.landsOn' {
  if (!attempt.verdict?.format) return 'verdict.notWellFormed';
  return attempt.verdict.arithmetic ? 'verdict.landsOn' : 'verdict.badArithmetic';
}

function OneAttempt({ attempt, place }: { attempt: AttemptView | undefined; place: 0 | 1 }) {
  const { t } = useWords();
  const verdict = attempt?.verdict;
  return (
    <div className={`attempt attempt-${place + 1}`}>
      <h3>
        <span className="swatch" aria-hidden="true" />
        {t(place === 0 ? 'attempt.first' : 'attempt.second')}
        {verdict && <Mark right={verdict.correct} words />}
        {attempt && verdict && !verdict.correct && (
          <span className="why">{t(why(attempt), { n: attempt.hops.at(-1)?.landing ?? '–' })}</span>
        )}
      </h3>
      {attempt ? <AttemptText attempt={attempt} /> : <p className="model-text pending">…</p>}
    </div>
  );
}

/** Tokens a second at which the page shows an answer (two tokens a hop, see usePacedAttempts), roughly. */
const SHOWN_PACE = 10;

const comments = {
  i_to_i: 'flip.comment.i_to_i',
  i_to_c: 'flip.comment.i_to_c',
  c_to_i: 'flip.comment.c_to_i',
  c_to_c: 'flip.comment.c_to_c',
} as const;

export function verdictOf(attempts: readonly AttemptView[]): keyof typeof comments | null {
  const [first, second] = attempts.map((attempt) => attempt.verdict);
  if (!first || !second) return null;
  return `${first.correct ? 'c' : 'i'}_to_${second.correct ? 'c' : 'i'}`;
}

export function Exchange({ ask, shown, done }: { ask: Ask; shown: readonly AttemptView[]; done: boolean }) {
  const { t, format } = useWords();
  const flip = done ? verdictOf(shown) : null;
  const firstIsOver = shown[0]?.finished;
  return (
    <div className="exchange">
      <OneAttempt attempt={shown[0]} place={0} />
      <div className={firstIsOver ? 'instruction said' : 'instruction'}>
        <span className="note">{t('attempt.instructionLabel')}</span>
        <q lang="en">{CORRECTION_INSTRUCTION}</q>
      </div>
      <OneAttempt attempt={shown[1]} place={1} />
      {/* The verdict line is always there, so that nothing below jumps when it fills. */}
      <p className={flip ? `verdict ${flip}` : 'verdict'} aria-live="polite">
        {flip && shown[0].verdict && shown[1].verdict && (
          <>
            <span className="flip-words">
              <Mark right={shown[0].verdict.correct} words /> <span aria-hidden="true">→</span>{' '}
              <Mark right={shown[1].verdict.correct} words />
            </span>
            <span>{t(comments[flip])}</span>
          </>
        )}
        {ask.status === 'failed' && <span className="needs-you">{ask.error?.message}</span>}
      </p>
      {flip && ask.tokensPerSecond !== null && Number.isFinite(ask.tokensPerSecond) && (
        <p className="note">
          {t(ask.tokensPerSecond > SHOWN_PACE ? 'attempt.pace' : 'attempt.rate', {
            rate: format.number(ask.tokensPerSecond),
          })}
        </p>
      )}
    </div>
  );
}
