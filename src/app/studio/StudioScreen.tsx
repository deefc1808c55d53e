// The Studio: set the next run up, see what it will need, start it or put it in line, and look after the runs there are.

import { RunNotices } from '../lesson/RunNotices';
import { useStudioState } from '../studioContext';
import { InTurn } from '../ui/InTurn';
import { BasePanel } from './BasePanel';
import { EarlyStopping } from './EarlyStopping';
import { LengthAndMeasuring } from './LengthAndMeasuring';
import { PresetBar } from './PresetBar';
import { Readiness } from './Readiness';
import { RecipeSettings } from './RecipeSettings';
import { QueuePanel } from './runs/QueuePanel';
import { RemovedRuns } from './runs/RemovedRuns';
import { RunList } from './runs/RunList';
import './studio.css';
import { useStudioWords } from './useStudioWords';

/** From part to part of a long page; the numbers say what is there. */
function Parts() {
  const { s } = useStudioWords();
  const waiting = useStudioState((state) => state.queue.items.length);
  const runs = useStudioState((state) => state.storedRuns.length);
  const parts = [
    { id: 'studio-setup', label: s('setup.title') },
    { id: 'studio-base', label: s('base.title') },
    { id: 'studio-queue', label: `${s('queue.title')} (${waiting})` },
    { id: 'studio-runs', label: `${s('runs.title')} (${runs})` },
  ];
  const lead = (id: string) => {
    const title = document.getElementById(id);
    title?.scrollIntoView({ block: 'start' });
    title?.focus({ preventScroll: true });
  };
  return (
    <nav className="studio-parts" aria-label={s('parts.label')}>
      {parts.map(({ id, label }) => (
        <button key={id} type="button" className="quiet" onClick={() => lead(id)}>
          {label}
        </button>
      ))}
    </nav>
  );
}

export default function StudioScreen() {
  const { s } = useStudioWords();
  return (
    <div className="studio">
      <div className="studio-head">
        <p className="tagline">{s('intro')}</p>
        <Parts />
      </div>
      <RunNotices />
      <div className="studio-grid">
        <section className="studio-form" aria-labelledby="studio-setup">
          <h2 id="studio-setup" tabIndex={-1}>
            {s('setup.title')}
          </h2>
          <InTurn>
            <PresetBar />
          </InTurn>
          <RecipeSettings />
          <InTurn>
            <LengthAndMeasuring />
          </InTurn>
          <InTurn>
            <EarlyStopping />
          </InTurn>
        </section>
        <div className="studio-side">
          <InTurn>
            <Readiness />
          </InTurn>
        </div>
      </div>
      <InTurn>
        <BasePanel />
      </InTurn>
      <InTurn>
        <QueuePanel />
      </InTurn>
      <InTurn>
        <RunList />
        <RemovedRuns />
      </InTurn>
    </div>
  );
}
