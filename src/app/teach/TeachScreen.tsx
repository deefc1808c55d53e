// The teacher's page: one sheet to read or print. It says only what was measured, and what that does not carry.
import { Printer } from 'lucide-react';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { LessonPlan } from './LessonPlan';
import { MeasuredTable } from './MeasuredTable';
import { measured, measuredRuns } from './measuredRuns';
import { words } from './words';
import './teach.css';

const meanings = ['t1', 't2', 'delta', 'iToC', 'cToI', 'interval', 'seeds', 'greedy', 'sampled'] as const;
const limits = ['1', '2', '3', '4', '5', '6', '7'] as const;
const three = ['1', '2', '3'] as const;

/** With no event in n tries, a rate of up to 3/n still fits (95 %). */
const RULE_OF_THREE = 3;

export default function TeachScreen() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { seed, half, halfStep, late, lateStep } = measured.flattening;
  const figures = {
    n: format.number(measured.problems),
    bound: RULE_OF_THREE,
    seed,
    halfStep,
    lateStep,
    half: format.percent(half / 100),
    late: format.percent(late / 100),
  };
  return (
    <article className="teach">
      <h2>{w('title')}</h2>
      <p className="lead">{w('lead')}</p>
      <div className="actions no-print">
        <button type="button" onClick={() => window.print()}>
          <Printer size={16} aria-hidden="true" />
          {w('print')}
        </button>
      </div>
      <div className="two-columns">
        <section>
          <h3>{w('aim.title')}</h3>
          <ol>
            {three.map((i) => (
              <li key={i}>{w(`aim.${i}`)}</li>
            ))}
          </ol>
        </section>
        <section>
          <h3>{w('need.title')}</h3>
          <ul>
            {three.map((i) => (
              <li key={i}>
                {w(`need.${i}`, { machine: measured.machine, threads: measured.threads, address: '?seed=7' })}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <section>
        <h3>{w('plan.title')}</h3>
        <LessonPlan />
      </section>
      <section>
        <h3>{w('numbers.title')}</h3>
        <dl className="meanings">
          {meanings.map((name) => (
            <div key={name}>
              <dt>{w(`n.${name}`)}</dt>
              <dd>{w(`n.${name}.text`, { n: measuredRuns.length })}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="measured-part">
        <h3>{w('measured.title')}</h3>
        <MeasuredTable />
      </section>
      <section>
        <h3>{w('not.title')}</h3>
        <ul>
          {limits.map((i) => (
            <li key={i}>{w(`not.${i}`, figures)}</li>
          ))}
        </ul>
      </section>
      <p className="note">{w('paper')}</p>
    </article>
  );
}
