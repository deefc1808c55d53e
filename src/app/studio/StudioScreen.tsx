// The Studio: set the next run up, see what it will need, start it or put it in line, and look after the runs there are.
import { RunNotices } from '../lesson/RunNotices';
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

export default function StudioScreen() {
  const { s } = useStudioWords();
  return (
    <div className="studio">
      <p className="tagline">{s('intro')}</p>
      <RunNotices />
      <div className="studio-grid">
        <section className="studio-form" aria-labelledby="studio-setup">
          <h2 id="studio-setup" tabIndex={-1}>
            {s('setup.title')}
          </h2>
          <PresetBar />
          <RecipeSettings />
          <LengthAndMeasuring />
          <EarlyStopping />
        </section>
        <div className="studio-side">
          <Readiness />
        </div>
      </div>
      <BasePanel />
      <QueuePanel />
      <RunList />
      <RemovedRuns />
    </div>
  );
}
