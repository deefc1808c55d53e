// Where the run is: state, stage, step, time left, speed. The announcements for screen readers are few on purpose.
import type { ReactNode } from 'react';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { useStageWords } from './stageWords';

const statusKeys = {
  running: 'run.status.running',
  paused: 'run.status.paused',
  finished: 'run.status.finished',
  stopped: 'run.status.stopped',
  failed: 'run.status.failed',
} as const;

export function RunProgress({ controls }: { controls: ReactNode }) {
  const { t, format } = useWords();
  const { nameOf, sentenceOf } = useStageWords();
  const studio = useStudio();
  const run = useStudioState((state) => state.run.run);
  useStudioState((state) => state.seriesVersion);
  if (!run) return null;
  const total = run.config.totalSteps;
  const rate = studio.series().recentRate();
  const stage = run.stages.at(-1)?.stage ?? null;
  const isTesting = run.status === 'running' && run.step >= total && total > 0;
  const isMeasuringBase = run.status === 'running' && run.step === 0 && run.evaluations.length === 0;
  return (
    <div className="progress">
      <progress value={run.step} max={total} aria-label={t('run.progress')} />
      <div className="progress-row">
        {controls}
        <dl className="facts">
          <div>
            <dt>{t('run.status')}</dt>
            <dd aria-live="polite">{t(statusKeys[run.status])}</dd>
          </div>
          <div>
            <dt>{t('run.step.label')}</dt>
            <dd>{t('run.stepOf', { step: format.number(run.step), total: format.number(total) })}</dd>
          </div>
          {run.status === 'running' && run.secondsLeft !== null && run.step < total && (
            <div>
              <dt>{t('run.left')}</dt>
              <dd>{format.duration(run.secondsLeft)}</dd>
            </div>
          )}
          {(run.status !== 'running' || run.step >= total) && run.secondsElapsed > 0 && (
            <div>
              <dt>{t('run.elapsed')}</dt>
              <dd>{format.duration(run.secondsElapsed)}</dd>
            </div>
          )}
          {Number.isFinite(rate) && (
            <div>
              <dt>{t('run.speed')}</dt>
              <dd>{t('run.tokensPerSecond', { rate: format.number(Math.round(rate / 10) * 10) })}</dd>
            </div>
          )}
          <div>
            <dt>{t('run.seed')}</dt>
            {/* Not grouped: a seed is a name, to be typed again. */}
            <dd>{String(run.config.seed)}</dd>
          </div>
        </dl>
      </div>
      {isMeasuringBase && <p className="note">{t('run.measuringBase')}</p>}
      {run.result && (
        <p className="note">
          {t('run.over')} <a href="#changed">{t('changed.title')}</a>
        </p>
      )}
      {isTesting && <p className="note">{t('run.testing')}</p>}
      {!isTesting && !isMeasuringBase && stage && run.status !== 'finished' && (
        <p className="note">
          <b>{nameOf(stage)}.</b> {sentenceOf(stage)}
        </p>
      )}
    </div>
  );
}
