// The run in one word, seen from anywhere; leads to scene 2.
import { Activity } from 'lucide-react';
import { useStudioState, useWords } from '../studioContext';

export function RunPill() {
  const { t, format } = useWords();
  const run = useStudioState((state) => state.run.run);
  if (!run) return null;
  const share = run.config.totalSteps > 0 ? run.step / run.config.totalSteps : 0;
  const left = run.status === 'running' && run.step > 0 ? run.secondsLeft : null;
  const text =
    left !== null
      ? t('run.pill.running', { left: format.duration(left) })
      : run.status === 'running'
        ? t('run.status.running')
        : run.status === 'paused'
          ? t('run.pill.paused', { share: format.percent(share, 0) })
          : t(`run.status.${run.status}`);
  return (
    <a className="run-pill" href="#practise" data-status={run.status}>
      <Activity size={16} aria-hidden="true" />
      {left !== null && <span className="visually-hidden">{t('run.status.running')}: </span>}
      <span>{text}</span>
    </a>
  );
}
