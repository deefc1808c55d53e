// Scene 2: one button, then the run as it goes.
import { Play } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { isModelReady, isRunActive } from '../../store/studioState';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { InTurn } from '../ui/InTurn';
import { LiveSample } from './LiveSample';
import { RunControls } from './RunControls';
import { RunNotices } from './RunNotices';
import { RunProgress } from './RunProgress';

// recharts is most of the page's weight and nobody needs it at once.
const RunCharts = lazy(() => import('../charts/RunCharts'));

function StartButton() {
  const { t, format } = useWords();
  const studio = useStudio();
  const ready = useStudioState(isModelReady);
  const active = useStudioState(isRunActive);
  const wish = useStudioState((state) => state.run.wish);
  // One button is the main one: with a run that waits, that is Resume.
  const isWaiting = useStudioState((state) => state.run.run?.status === 'paused');
  const { steps, minutes } = studio.options;
  const label =
    steps === null ? t('practise.start', { minutes }) : t('practise.startSteps', { steps: format.number(steps) });
  return (
    <button
      type="button"
      className={isWaiting ? undefined : 'primary large'}
      disabled={!ready || active}
      onClick={() => studio.runs.practise()}
    >
      <Play size={16} aria-hidden="true" />
      {wish === 'start' ? t('practise.starting') : ready ? label : t('practise.waiting')}
    </button>
  );
}

export function LetItPractise() {
  const { t } = useWords();
  const run = useStudioState((state) => state.run.run);
  const startError = useStudioState((state) => state.run.startError);
  const backend = useStudioState((state) => state.engine.info?.backend);
  const active = useStudioState(isRunActive);
  // Drawn (empty) as soon as the model is there: the person still reads, and the first steps of the run do not pay for it.
  const ready = useStudioState(isModelReady);
  const hasCharts = ready || run !== null;
  const isStarting = useStudioState((state) => state.run.wish === 'start');
  return (
    <section className="scene" id="practise" aria-labelledby="practise-title">
      <h2 id="practise-title">
        <span className="scene-number">2</span>
        {t('practise.title')}
      </h2>
      {(!run || !active || isStarting) && (
        <div className="practise-start">
          <StartButton />
          <p className="lead">
            {t('practise.what')} {t(backend === 'webgpu' ? 'practise.whereWebgpu' : 'practise.whereSimd')}
          </p>
        </div>
      )}
      {startError && <ErrorPanel title={t('error.start')} error={startError} />}
      <RunNotices />
      {run && <RunProgress controls={<RunControls />} />}
      <div className="run-grid">
        {hasCharts ? (
          <InTurn instead={<p className="charts-empty">{t('chart.loading')}</p>}>
            <Suspense fallback={<p className="charts-empty">{t('chart.loading')}</p>}>
              <RunCharts />
            </Suspense>
          </InTurn>
        ) : (
          <p className="charts-empty">{t('chart.empty')}</p>
        )}
        {run && (
          <InTurn>
            <LiveSample />
          </InTurn>
        )}
      </div>
    </section>
  );
}
