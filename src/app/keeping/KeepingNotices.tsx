// What happened to the run besides learning: another tab has it, it was cut off, the computer slept, samples were given up.
import { useStudioState, useWords } from '../studioContext';

export function KeepingNotices() {
  const { t, format } = useWords();
  const run = useStudioState((state) => state.run.run);
  if (!run) return null;
  const { checkpointStep, tookOverAt, traces } = run;
  const sentences: string[] = [];
  if (run.elsewhere) sentences.push(t('keep.elsewhere'));
  if (run.interrupted && run.status === 'paused') {
    sentences.push(
      checkpointStep === null
        ? t('keep.interruptedEarly')
        : t('keep.interrupted', { step: format.number(checkpointStep) }),
    );
  }
  if (tookOverAt !== null) sentences.push(t('keep.tookOver', { step: format.number(tookOverAt) }));
  if (run.sleptSeconds > 0) sentences.push(t('keep.slept', { time: format.duration(run.sleptSeconds) }));
  if (traces && traces.thinnedSteps.length > 0) {
    sentences.push(
      t('keep.thinned', {
        budget: format.bytes(traces.budgetBytes),
        steps: format.number(traces.thinnedSteps.length),
      }),
    );
  }
  return (
    <div className="keeping" role="status">
      {sentences.map((sentence) => (
        <p key={sentence} className="note">
          {sentence}
        </p>
      ))}
    </div>
  );
}
