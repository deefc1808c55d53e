// Tells the end of a run by a notification, when a person asked for that and is looking elsewhere.
import { useEffect } from 'react';
import type { RunView } from '../../store/runSlice';
import { usePreferences, useStudio, useWords } from '../studioContext';

const statusKeys = {
  paused: 'run.status.paused',
  stopped: 'run.status.stopped',
  failed: 'run.status.failed',
} as const;

/** A run that a person pauses or stops is no news to them; one that does so by itself is. */
function isNews(run: RunView, before: RunView | null, wasAsked: boolean): boolean {
  if (before?.config.id !== run.config.id || before.status !== 'running' || run.status === 'running') return false;
  return run.status === 'finished' || run.status === 'failed' || !wasAsked;
}

export function useRunEndNotice(): void {
  const studio = useStudio();
  const { t, format } = useWords();
  const [{ notifyWhenDone }] = usePreferences();
  useEffect(() => {
    if (!notifyWhenDone || !('Notification' in window)) return;
    const say = (run: RunView) => {
      if (Notification.permission !== 'granted' || document.visibilityState === 'visible') return;
      const status = run.status === 'finished' || run.status === 'running' ? null : t(statusKeys[run.status]);
      const body = run.result
        ? t('notice.result', {
            before: format.percent(run.result.before.greedy.accuracyT2),
            after: format.percent(run.result.after.greedy.accuracyT2),
            n: format.number(run.result.after.greedy.n),
          })
        : status
          ? t('notice.halted', { status })
          : '';
      try {
        new Notification(status ? t('product.name') : t('notice.title'), { body, tag: run.config.id });
      } catch {
        // Some phones allow notifications from service workers only: then there is none.
      }
    };
    return studio.store.subscribe((state, before) => {
      const { run } = state.run;
      if (run && run !== before.run.run && isNews(run, before.run.run, before.run.wish !== null)) say(run);
    });
  }, [studio, notifyWhenDone, t, format]);
}
