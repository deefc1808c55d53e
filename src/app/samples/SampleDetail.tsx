// One sample to the bottom: both answers, every reward term, and each token with its log-probabilities and KL.
import type { ReactNode } from 'react';
import type { Trace } from '../../protocol/trace';
import { AttemptText } from '../lesson/AttemptText';
import { useWords } from '../studioContext';
import { Mark } from '../ui/Mark';
import { SignedBars } from '../ui/SignedBars';
import { ExtraColumns } from './ExtraColumns';
import { flipKeys, scaleOf, scoredTerms, viewOfTrace } from './sampleWords';
import { TokenStrip } from './TokenStrip';

/** @param children stand between the problem and its answers */
export function SampleDetail({ trace, children }: { trace: Trace; children?: ReactNode }) {
  const { t } = useWords();
  const scale = scaleOf(trace);
  return (
    <article className="sample-detail">
      <h3 className="model-text" lang="zxx">
        {trace.prompt}
      </h3>
      {trace.flip && <p className={`flip ${trace.flip}`}>{t(flipKeys[trace.flip])}</p>}
      {children}
      {trace.attempts.map((attempt, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an attempt is its place, first or second
        <section key={i} className={`attempt attempt-${i + 1}`}>
          {i > 0 && (
            <p className="instruction said">
              <span className="note">{t('attempt.instructionLabel')}</span> <q lang="en">{trace.instruction}</q>
            </p>
          )}
          <h4>
            <span className="swatch" aria-hidden="true" />
            {t(i === 0 ? 'attempt.first' : 'attempt.second')}
            <Mark right={attempt.correct} words />
          </h4>
          <AttemptText attempt={viewOfTrace(attempt)} />
          <SignedBars terms={scoredTerms(t, trace, i)} scale={scale} />
          <TokenStrip tokens={attempt.tokens} name={t(i === 0 ? 'attempt.first' : 'attempt.second')} />
        </section>
      ))}
      <ExtraColumns trace={trace} />
    </article>
  );
}
