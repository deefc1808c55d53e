// Pause, one step, resume, stop and keep.
import { CircleStop, Pause, Play, StepForward } from 'lucide-react';
import { isModelReady } from '../../store/studioState';
import { useStudio, useStudioState, useWords } from '../studioContext';

export function RunControls() {
  const { t } = useWords();
  const { runs } = useStudio();
  const ready = useStudioState(isModelReady);
  const status = useStudioState((state) => state.run.run?.status);
  const live = useStudioState((state) => state.run.run?.live ?? false);
  const elsewhere = useStudioState((state) => state.run.run?.elsewhere ?? false);
  const hasCheckpoint = useStudioState((state) => state.run.run?.checkpointStep !== null);
  const wish = useStudioState((state) => state.run.wish);
  // Another tab has it: nothing here would be heard.
  if (elsewhere) return null;
  if (status === 'running') {
    return (
      <div className="actions run-controls">
        <button type="button" disabled={wish !== null} onClick={runs.pause}>
          <Pause size={16} aria-hidden="true" />
          {t(wish === 'pause' ? 'run.pausing' : 'run.pause')}
        </button>
        <button type="button" disabled={wish !== null} onClick={runs.stop}>
          <CircleStop size={16} aria-hidden="true" />
          {t(wish === 'stop' ? 'run.stopping' : 'run.stop')}
        </button>
      </div>
    );
  }
  const canResume = status === 'paused' || (status === 'stopped' && hasCheckpoint);
  if (!canResume) return null;
  return (
    <div className="actions run-controls">
      <button type="button" className="primary" disabled={!ready || wish !== null} onClick={runs.resume}>
        <Play size={16} aria-hidden="true" />
        {t(wish === 'resume' || wish === 'restore' ? 'run.resuming' : 'run.resume')}
      </button>
      {live && status === 'paused' && (
        <>
          <button type="button" disabled={!ready || wish !== null} onClick={runs.step}>
            <StepForward size={16} aria-hidden="true" />
            {t(wish === 'step' ? 'run.stepping' : 'run.step')}
          </button>
          <button type="button" disabled={wish !== null} onClick={runs.stop}>
            <CircleStop size={16} aria-hidden="true" />
            {t(wish === 'stop' ? 'run.stopping' : 'run.stop')}
          </button>
        </>
      )}
    </div>
  );
}
