// One line on the model while it is not there yet, or is not to be had.
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';

export function ModelStatus() {
  const { t, format } = useWords();
  const studio = useStudio();
  const engine = useStudioState((state) => state.engine);
  const model = useStudioState((state) => state.model);
  const workerFault = useStudioState((state) => state.workerFault);
  if (workerFault) return null;
  if (engine.phase === 'failed' && engine.error) {
    return (
      <ErrorPanel title={t('error.engine')} error={engine.error}>
        <button type="button" onClick={() => studio.startEngine('simd')}>
          {t('error.engine.simd')}
        </button>
      </ErrorPanel>
    );
  }
  if (model.phase === 'failed' && model.error) {
    const isBundled = model.source === 'bundled';
    return (
      <ErrorPanel title={t(isBundled ? 'error.bundledModel' : 'error.model')} error={model.error}>
        <button type="button" onClick={() => studio.loadModel({ kind: 'bundled' })}>
          {t(isBundled ? 'error.tryAgain' : 'error.model.bundled')}
        </button>
      </ErrorPanel>
    );
  }
  if (model.phase === 'ready') return null;
  const share = model.totalBytes ? model.loadedBytes / model.totalBytes : null;
  return (
    <p className="note model-status" role="status">
      {engine.phase === 'starting' ? t('model.engineStarting') : t('model.loading')}{' '}
      {share !== null && (
        <>
          <progress value={share} aria-label={t('model.loading')} /> {format.megabytes(model.loadedBytes)}
        </>
      )}
    </p>
  );
}
