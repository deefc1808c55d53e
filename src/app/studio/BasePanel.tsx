// What the base can do on the chosen level before anything is learned: both attempts, greedy and sampled, with intervals.
import { Ruler } from 'lucide-react';
import { isModelReady } from '../../store/studioState';
import { useStudio, useStudioState } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { taskInWords } from './taskWords';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

function BaseTable() {
  const { s, t, format } = useStudioWords();
  const base = useStudioState((state) => state.setup.base);
  if (!base) return null;
  const { greedy, sampled } = base.evaluation;
  const rows = [
    { name: t('chart.greedy'), summary: greedy },
    { name: t('chart.sampled'), summary: sampled },
  ];
  return (
    <>
      <table className="small-table">
        <caption>{s('base.about', { task: taskInWords(s, base), n: format.number(greedy.n) })}</caption>
        <thead>
          <tr>
            <th scope="col">{s('base.answers')}</th>
            <th scope="col">{s('base.first')}</th>
            <th scope="col">{s('base.second')}</th>
            <th scope="col">{s('base.delta')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, summary }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {format.percent(summary.accuracyT1)} <small>({format.range(summary.accuracyT1Interval)})</small>
              </td>
              <td>
                {format.percent(summary.accuracyT2)} <small>({format.range(summary.accuracyT2Interval)})</small>
              </td>
              <td>
                {format.points(summary.delta)}{' '}
                <small>
                  ({format.points(summary.deltaInterval.low)} … {format.points(summary.deltaInterval.high)})
                </small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">{s('base.note')}</p>
    </>
  );
}

export function BasePanel() {
  const { s, format } = useStudioWords();
  const { setup } = useStudio();
  const { form, faults } = useForm();
  const isReady = useStudioState(isModelReady);
  const isMeasuring = useStudioState((state) => state.setup.isMeasuringBase);
  const error = useStudioState((state) => state.setup.baseError);
  const isFaulty = faults.some(({ place }) => place === 'run.problems' || place === 'run.level');
  const { problems } = form.evaluation;
  return (
    <section className="studio-part" aria-labelledby="studio-base">
      <h2 id="studio-base" tabIndex={-1}>
        {s('base.title')}
      </h2>
      <p className="note">{s('base.help', { n: Number.isFinite(problems) ? format.number(problems) : '–' })}</p>
      <BaseTable />
      {error && <ErrorPanel title={s('base.failed')} error={error} />}
      <div className="actions">
        <button type="button" disabled={!isReady || isMeasuring || isFaulty} onClick={setup.measureBase}>
          <Ruler size={16} aria-hidden="true" />
          {s(isMeasuring ? 'base.measuring' : 'base.measure')}
        </button>
      </div>
    </section>
  );
}
