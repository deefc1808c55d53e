// Runs beside one another: `#/compare?runs=<id>,<id>&base=<id>`. Everything that is chosen stands in the address.
import { useMemo } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { hrefOf } from '../place';
import { useStudioState } from '../studioContext';
import { InTurn } from '../ui/InTurn';
import { ClosingTable } from './ClosingTable';
import { CompareCurves } from './CompareCurves';
import { ConfigTable } from './ConfigTable';
import { BASE_MODEL } from './closingRows';
import { MOST_RUNS, useChoice } from './compareChoice';
import { RunPicker } from './RunPicker';
import { useCurves } from './useCurves';
import { words } from './words';
import './compare.css';

export default function CompareScreen() {
  const word = useScreenWords(words);
  const asked = useChoice();
  const stored = useStudioState((state) => state.storedRuns);
  const runs = useMemo(
    () => asked.runs.flatMap((id) => stored.find(({ config }) => config.id === id) ?? []),
    [asked.runs, stored],
  );
  // A baseline that is no longer kept is none.
  const choice = useMemo(
    () => (runs.some(({ config }) => config.id === asked.base) ? asked : { ...asked, base: BASE_MODEL }),
    [asked, runs],
  );
  const curves = useCurves(runs);
  // A run that is over goes no further than it came.
  const ends = runs.map(({ config, status, step }) =>
    status === 'running' || status === 'paused' ? config.totalSteps : step,
  );
  const plannedSteps = Math.max(1, ...ends);
  return (
    <section className="compare-screen" aria-labelledby="compare-title">
      <header>
        <h2 id="compare-title">{word('title')}</h2>
        <p className="note">{word('lead')}</p>
      </header>
      {stored.length === 0 ? (
        <div className="compare-empty">
          <p className="lead">{word('noRuns')}</p>
          <p>
            <a href={hrefOf('lesson')}>{word('noRuns.lesson')}</a> ·{' '}
            <a href={hrefOf('studio')}>{word('noRuns.studio')}</a>
          </p>
        </div>
      ) : (
        <>
          <InTurn>
            <RunPicker choice={choice} stored={stored} />
          </InTurn>
          {runs.length === 0 ? (
            <p className="lead">{word('none', { most: MOST_RUNS })}</p>
          ) : (
            <>
              <InTurn>
                <CompareCurves choice={choice} curves={curves} plannedSteps={plannedSteps} />
              </InTurn>
              <InTurn>
                <ClosingTable choice={choice} runs={runs} />
              </InTurn>
              <InTurn>
                <ConfigTable choice={choice} runs={runs} />
              </InTurn>
            </>
          )}
        </>
      )}
    </section>
  );
}
