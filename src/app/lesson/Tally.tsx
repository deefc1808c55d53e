// How it went over several problems: two rows of dots and a sentence.
import { useMemo } from 'react';
import { type Ask, tally } from '../../store/askSlice';
import { useStudioState, useWords } from '../studioContext';

const DOTS = 24;

function Dots({ asks, place }: { asks: readonly Ask[]; place: 0 | 1 }) {
  return (
    <span className={`dots dots-${place + 1}`} aria-hidden="true">
      {asks.map((ask) => (
        <i key={ask.requestId} className={ask.attempts[place]?.verdict?.correct ? 'right' : 'wrong'} />
      ))}
    </span>
  );
}

export function Tally({ runId, hold }: { runId: string | null; hold: number | null }) {
  const { t } = useWords();
  const asks = useStudioState((state) => state.ask.asks);
  // The question still being shown is not given away by the tally.
  const counted = useMemo(
    () => asks.filter((ask) => ask.runId === runId && ask.status === 'finished' && ask.requestId !== hold),
    [asks, runId, hold],
  );
  const { n, first, second } = tally(counted, runId);
  if (n < 2) return null;
  const recent = counted.slice(-DOTS);
  return (
    <div className="tally">
      <div className="tally-rows">
        <span>{t('attempt.first')}</span>
        <Dots asks={recent} place={0} />
        <span>{t('attempt.second')}</span>
        <Dots asks={recent} place={1} />
      </div>
      <p>{t('tally.sentence', { n, first, second })}</p>
    </div>
  );
}
