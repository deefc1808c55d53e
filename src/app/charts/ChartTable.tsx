// The chart as a table: the same evaluations in numbers, for eyes, keyboards and screen readers.
import type { ChartPoint } from '../../store/chartPoints';
import type { Decoding } from '../../store/preferences';
import { useWords } from '../studioContext';

interface ChartTableProps {
  points: readonly ChartPoint[];
  decoding: Decoding;
  onOpen(step: number): void;
}

export function ChartTable({ points, decoding, onOpen }: ChartTableProps) {
  const { t, format } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label={t('table.caption')}>
      <table>
        <caption className="visually-hidden">{t('table.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('table.step')}</th>
            <th scope="col">{t('attempt.first')}</th>
            <th scope="col">{t('attempt.second')}</th>
            <th scope="col">{t('table.delta')}</th>
            <th scope="col">{t('flip.i_to_c')}</th>
            <th scope="col">{t('flip.c_to_i')}</th>
            <th scope="col">n</th>
            <th scope="col">
              <span className="visually-hidden">{t('table.samples')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ step, evaluation }) => {
            if (!evaluation) return null;
            const s = evaluation[decoding];
            return (
              <tr key={step}>
                <th scope="row">{format.number(step)}</th>
                <td>
                  {format.percent(s.accuracyT1)} <small>{format.range(s.accuracyT1Interval)}</small>
                </td>
                <td>
                  {format.percent(s.accuracyT2)} <small>{format.range(s.accuracyT2Interval)}</small>
                </td>
                <td>
                  {format.points(s.delta)}{' '}
                  <small>
                    {t('points.between', {
                      low: format.points(s.deltaInterval.low),
                      high: format.points(s.deltaInterval.high),
                    })}
                  </small>
                </td>
                <td>{format.percent(s.iToC)}</td>
                <td>{format.percent(s.cToI)}</td>
                <td>{format.number(s.n)}</td>
                <td>
                  <button type="button" className="quiet" onClick={() => onOpen(step)}>
                    {t('table.open')}
                    <span className="visually-hidden"> {t('sample.ofStep', { step })}</span>
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
