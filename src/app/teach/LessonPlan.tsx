// The six parts of the lesson: minutes, what to show, what to ask, what pupils see. Figures come from the measured runs.
import { meanWithInterval } from '../../lib/studentT';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { measured, measuredRuns } from './measuredRuns';
import { words } from './words';

/** Ends of the parts, minutes after the beginning. */
const parts = [
  { part: 'p1', ends: 4 },
  { part: 'p2', ends: 6 },
  { part: 'p3', ends: 11 },
  { part: 'p4', ends: 14 },
  { part: 'p5', ends: 17 },
  { part: 'p6', ends: 20 },
] as const;

/** Everything that a sentence of the plan may quote. */
function useFigures(): Record<string, string | number> {
  const { t, format } = useWords();
  const percent = (value: number, digits = 1) => format.percent(value / 100, digits);
  const over = (of: (run: (typeof measuredRuns)[number]) => number) => meanWithInterval(measuredRuns.map(of));
  const { base, aheadSeconds, firstLesson, doubtAtSigns } = measured;
  const second = over(({ t2 }) => t2);
  return {
    ask: t('watch.ask'),
    five: t('watch.five'),
    start: t('practise.start', { minutes: measured.minutes }),
    // About: no digits behind the point.
    iToC: format.number(base.iToC),
    cToI: format.number(base.cToI),
    fastest: aheadSeconds.fastest,
    slowest: aheadSeconds.slowest,
    seed: firstLesson.seed,
    step: firstLesson.step,
    unchanged: percent(firstLesson.unchanged, 0),
    before: percent(firstLesson.cToIBefore),
    after: percent(firstLesson.cToI),
    n: format.number(measured.problems),
    t1Base: percent(base.t1),
    t2Base: percent(base.t2),
    s1Base: percent(base.sampledT1),
    t1: percent(over(({ t1 }) => t1).mean),
    t2: percent(second.mean),
    s1: percent(over(({ sampledT1 }) => sampledT1).mean),
    low: percent(second.interval?.low ?? second.mean),
    high: percent(second.interval?.high ?? second.mean),
    problems: doubtAtSigns.problems,
    share: percent(doubtAtSigns.share),
  };
}

export function LessonPlan() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const figures = useFigures();
  const aboutTheBase = {
    ...figures,
    t1: format.percent(measured.base.t1 / 100, 0),
    t2: format.percent(measured.base.t2 / 100, 0),
  };
  return (
    <ol className="plan">
      {parts.map(({ part, ends }, i) => {
        const quoted = part === 'p1' ? aboutTheBase : figures;
        return (
          <li key={part}>
            <header>
              <span className="note">{w('plan.minutes', { from: i === 0 ? 0 : parts[i - 1].ends, to: ends })}</span>
              <h4>{w(`${part}.title`)}</h4>
            </header>
            <dl>
              <dt>{w('plan.show')}</dt>
              <dd>{w(`${part}.show`, quoted)}</dd>
              <dt>{w('plan.ask')}</dt>
              <dd className="question-text">{w(`${part}.ask`, quoted)}</dd>
              <dt>{w('plan.expect')}</dt>
              <dd>{w(`${part}.expect`, quoted)}</dd>
            </dl>
          </li>
        );
      })}
    </ol>
  );
}
