// One sample of the step that is being learnt from, changing every few seconds: long enough to be read.
import { useEffect, useRef, useState } from 'react';
import type { Trace } from '../../protocol/trace';
import { scaleOf, scoredTerms, viewOfTrace } from '../samples/sampleWords';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { Mark } from '../ui/Mark';
import { SignedBars } from '../ui/SignedBars';
import { AttemptText } from './AttemptText';

const READING_MS = 4000;

/** Holds a sample for the time it takes to read it, then takes the newest. */
function useHeld(newest: Trace | null): Trace | null {
  const [held, setHeld] = useState<Trace | null>(newest);
  const since = useRef(0);
  useEffect(() => {
    if (newest === null || newest === held) return;
    const wait = Math.max(0, since.current + READING_MS - performance.now());
    const timer = setTimeout(
      () => {
        since.current = performance.now();
        setHeld(newest);
      },
      // Another run's sample is not held on to.
      held === null || held.step > newest.step ? 0 : wait,
    );
    return () => clearTimeout(timer);
  }, [newest, held]);
  return newest === null ? null : held;
}

export function LiveSample() {
  const { t, format } = useWords();
  const studio = useStudio();
  const runId = useStudioState((state) => state.run.run?.config.id ?? null);
  const trace = useHeld(useStudioState((state) => state.run.run?.sample ?? null));
  if (runId === null) return null;
  if (!trace) {
    return (
      <section className="live-sample" aria-label={t('sample.live')}>
        <h3>{t('sample.live')}</h3>
        <p className="note">{t('sample.awaited')}</p>
      </section>
    );
  }
  const scale = scaleOf(trace);
  return (
    <section className="live-sample" aria-label={t('sample.live')}>
      <header>
        <h3>{t('sample.live')}</h3>
        <span className="note">{t('sample.ofStep', { step: format.number(trace.step) })}</span>
        <button type="button" className="quiet" onClick={() => void studio.openSamples(runId, trace.step)}>
          {t('sample.openAll')}
        </button>
      </header>
      <p className="model-text prompt" lang="zxx">
        {trace.prompt}
      </p>
      <div className="pair">
        {trace.attempts.map((attempt, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place, first or second
          <div key={i} className={`attempt attempt-${i + 1}`}>
            <h4>
              <span className="swatch" aria-hidden="true" />
              {t(i === 0 ? 'attempt.first' : 'attempt.second')}
              <Mark right={attempt.correct} words />
            </h4>
            <AttemptText attempt={viewOfTrace(attempt)} />
            <SignedBars terms={scoredTerms(t, trace, i)} scale={scale} />
          </div>
        ))}
      </div>
    </section>
  );
}
