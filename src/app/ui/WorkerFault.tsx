// The worker is gone. One sentence and one button; what was stored goes on from its last checkpoint.
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from './ErrorPanel';

export function WorkerFault() {
  const { t } = useWords();
  const studio = useStudio();
  const fault = useStudioState((state) => state.workerFault);
  if (!fault) return null;
  return (
    <div className="worker-fault">
      <ErrorPanel title={t('error.worker')} error={fault}>
        <button type="button" className="primary" onClick={studio.restartWorker}>
          {t('error.worker.restart')}
        </button>
      </ErrorPanel>
    </div>
  );
}
