// Our own runs: every row, their mean with its interval, and one picture of it.
import { meanWithInterval } from '../../lib/studentT';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { measured, measuredRuns } from './measuredRuns';
import { words } from './words';

/** The mean of a column with its interval as the table writes it. */
function useMean(): (values: number[], write: (value: number) => string) => string {
  return (values, write) => {
    const { mean, interval } = meanWithInterval(values);
    // Runs that all came out the same give no spread to speak of.
    const hasSpread = interval !== null && interval.high > interval.low;
    return hasSpread ? `${write(mean)} (${write(interval.low)} – ${write(interval.high)})` : write(mean);
  };
}

const WIDTH = 400;
const HEIGHT = 200;
const [LEFT, RIGHT] = [70, 290];
/** Percent at the bottom and the top of the picture. */
const [LOWEST, HIGHEST] = [45, 90];
const y = (percent: number) => HEIGHT - 20 - ((percent - LOWEST) / (HIGHEST - LOWEST)) * (HEIGHT - 40);

function Slopes() {
  const w = useScreenWords(words);
  const { t, format } = useWords();
  const percent = (value: number) => format.percent(value / 100, 0);
  const mean = meanWithInterval(measuredRuns.map(({ t2 }) => t2)).mean;
  return (
    <figure className="slopes">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={w('measured.figure')}>
        <text x={LEFT} y={12} className="axis">
          {t('attempt.first')}
        </text>
        <text x={RIGHT} y={12} className="axis">
          {t('attempt.second')}
        </text>
        <g className="base">
          <line x1={LEFT} x2={RIGHT} y1={y(measured.base.t1)} y2={y(measured.base.t2)} />
          <text x={LEFT - 8} y={y(measured.base.t1) + 4} className="start">
            {percent(measured.base.t1)}
          </text>
          <text x={RIGHT + 8} y={y(measured.base.t2) + 4}>
            {w('measured.base')} {percent(measured.base.t2)}
          </text>
        </g>
        <g className="runs">
          {measuredRuns.map(({ seed, t1, t2 }) => (
            <g key={seed}>
              <line x1={LEFT} x2={RIGHT} y1={y(t1)} y2={y(t2)} />
              <circle cx={RIGHT} cy={y(t2)} r={3} />
            </g>
          ))}
          <text x={RIGHT + 8} y={y(mean) + 4}>
            {percent(mean)}
          </text>
        </g>
      </svg>
      <figcaption className="note">{w('measured.figure')}</figcaption>
    </figure>
  );
}

export function MeasuredTable() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const over = useMean();
  const percent = (value: number) => format.percent(value / 100);
  const points = (value: number) => format.points(value / 100);
  const { base } = measured;
  const column = (of: (run: (typeof measuredRuns)[number]) => number) => measuredRuns.map(of);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll measured" tabIndex={0} aria-label={w('measured.title')}>
        <table>
          <caption className="note">
            {w('measured.caption', {
              minutes: measured.minutes,
              n: format.number(measured.problems),
              date: measured.date,
              machine: measured.machine,
              threads: measured.threads,
            })}
          </caption>
          <thead>
            <tr>
              <th scope="col">{w('measured.run')}</th>
              <th scope="col">{w('measured.steps')}</th>
              <th scope="col">{w('n.t1')}</th>
              <th scope="col">{w('n.t2')}</th>
              <th scope="col">{w('n.delta')}</th>
              <th scope="col">{w('measured.interval')}</th>
              <th scope="col">i→c</th>
              <th scope="col">c→i</th>
              <th scope="col">{w('measured.sampled')}</th>
            </tr>
          </thead>
          <tbody>
            {[{ seed: null, steps: null, ...base }, ...measuredRuns].map((run) => (
              <tr key={run.seed ?? 'base'} className={run.seed === null ? 'base' : undefined}>
                <th scope="row">{run.seed === null ? w('measured.base') : w('measured.seed', { seed: run.seed })}</th>
                <td>{run.steps === null ? '–' : format.number(run.steps)}</td>
                <td>{percent(run.t1)}</td>
                <td>{percent(run.t2)}</td>
                <td>{points(run.t2 - run.t1)}</td>
                <td>
                  {points(run.deltaLow)} – {points(run.deltaHigh)}
                </td>
                <td>{percent(run.iToC)}</td>
                <td>{percent(run.cToI)}</td>
                <td>
                  {percent(run.sampledT1)} → {percent(run.sampledT2)}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{w('measured.mean', { n: measuredRuns.length })}</th>
              <td>{format.number(meanWithInterval(column(({ steps }) => steps)).mean)}</td>
              <td>
                {over(
                  column(({ t1 }) => t1),
                  percent,
                )}
              </td>
              <td>
                {over(
                  column(({ t2 }) => t2),
                  percent,
                )}
              </td>
              <td colSpan={2}>
                {over(
                  column(({ t1, t2 }) => t2 - t1),
                  points,
                )}
              </td>
              <td>
                {over(
                  column(({ iToC }) => iToC),
                  percent,
                )}
              </td>
              <td>
                {over(
                  column(({ cToI }) => cToI),
                  percent,
                )}
              </td>
              <td>
                {percent(meanWithInterval(column(({ sampledT1 }) => sampledT1)).mean)} →{' '}
                {percent(meanWithInterval(column(({ sampledT2 }) => sampledT2)).mean)}
              </td>
            </tr>
          </tfoot>
        </table>
      </section>
      <Slopes />
      <p className="note">{w('measured.source')}</p>
    </>
  );
}
