// The numbers of the moment (or of the step under the cursor), large enough for the back of the room, each with its interval.
import type { ChartPoint } from '../../store/chartPoints';
import type { Decoding } from '../../store/preferences';
import { useWords } from '../studioContext';

interface ReadoutsProps {
  point: ChartPoint;
  base: ChartPoint | null;
  decoding: Decoding;
}

export function Readouts({ point, base, decoding }: ReadoutsProps) {
  const { t, format } = useWords();
  const summary = point.evaluation?.[decoding];
  if (!summary) {
    return (
      <p className="readouts note">
        {t('readout.practice', {
          step: format.number(point.step),
          first: point.practice1 === null ? '–' : format.percent(point.practice1),
          second: point.practice2 === null ? '–' : format.percent(point.practice2),
        })}
      </p>
    );
  }
  const before = base?.evaluation?.[decoding];
  const interval = (text: string) => <span className="note">{t('readout.interval', { range: text })}</span>;
  const { low, high } = summary.deltaInterval;
  return (
    <dl className="readouts">
      <div className="attempt-1">
        <dt>
          <span className="swatch" aria-hidden="true" />
          {t('attempt.first')}
        </dt>
        <dd>{format.percent(summary.accuracyT1)}</dd>
        <dd className="note">{interval(format.range(summary.accuracyT1Interval))}</dd>
      </div>
      <div className="attempt-2">
        <dt>
          <span className="swatch" aria-hidden="true" />
          {t('attempt.second')}
        </dt>
        <dd>{format.percent(summary.accuracyT2)}</dd>
        <dd className="note">{interval(format.range(summary.accuracyT2Interval))}</dd>
      </div>
      <div>
        <dt>{t('readout.delta')}</dt>
        <dd>{format.points(summary.delta)}</dd>
        <dd className="note">
          {interval(t('points.between', { low: format.points(low), high: format.points(high) }))}
        </dd>
      </div>
      <div className="readout-where">
        <dt>{t('readout.at')}</dt>
        <dd>{t('readout.step', { step: format.number(point.step) })}</dd>
        <dd className="note">
          {t(decoding === 'greedy' ? 'readout.greedyN' : 'readout.sampledN', { n: format.number(summary.n) })}
          {before && point.step > 0 && <> · {t('readout.base', { delta: format.points(before.delta) })}</>}
        </dd>
      </div>
    </dl>
  );
}
