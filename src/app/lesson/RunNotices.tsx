// What interrupted the run, and the way on: numbers out of order, the GPU lost, the run failed, nothing kept.
import { isModelReady } from '../../store/studioState';
import { KeepingNotices } from '../keeping/KeepingNotices';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';

export function RunNotices() {
  const { t } = useWords();
  const studio = useStudio();
  const run = useStudioState((state) => state.run.run);
  const lost = useStudioState((state) => state.engine.lost);
  const storageFault = useStudioState((state) => state.storageFault);
  const ready = useStudioState(isModelReady);
  return (
    <>
      <KeepingNotices />
      {lost !== null && (
        <ErrorPanel title={t('error.deviceLost')} error={{ kind: 'device', message: lost }}>
          {ready && run?.status === 'paused' && (
            <button
              type="button"
              onClick={() => {
                studio.forgetLostDevice();
                studio.runs.resume();
              }}
            >
              {t('run.resume')}
            </button>
          )}
          <button type="button" className="quiet" onClick={studio.forgetLostDevice}>
            {t('error.putAway')}
          </button>
        </ErrorPanel>
      )}
      {run?.error && run.error.kind !== 'device' && (
        <ErrorPanel
          title={t(
            run.status === 'failed'
              ? 'error.run'
              : run.error.kind === 'numerics'
                ? 'error.numerics'
                : 'error.runPaused',
          )}
          error={run.error}
        >
          {run.status === 'failed' && run.checkpointStep !== null && (
            <button type="button" onClick={() => void studio.runs.continueStored(run.config.id)}>
              {t('run.resumeFrom', { step: run.checkpointStep })}
            </button>
          )}
        </ErrorPanel>
      )}
      {storageFault && (
        <ErrorPanel title={t('error.storage')} error={storageFault}>
          <button type="button" className="quiet" onClick={studio.forgetStorageFault}>
            {t('error.putAway')}
          </button>
        </ErrorPanel>
      )}
    </>
  );
}
