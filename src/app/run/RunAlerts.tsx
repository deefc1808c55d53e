// What to look at: each alert in a sentence, with what to do about it. Those that are over are said in one line.
import { TriangleAlert } from 'lucide-react';
import type { RunAlert } from '../../store/runAlerts';
import { useScreenWords } from '../i18n/screenWords';
import { useStudioState, useWords } from '../studioContext';
import { useRunSource } from './runSource';
import { words } from './words';

/** One alert per kind: a recipe may be judged by its rows and its evaluations for the same thing. */
function oncePerKind(alerts: readonly RunAlert[]): RunAlert[] {
  const kinds = new Map<RunAlert['kind'], RunAlert>();
  for (const alert of alerts) if (!kinds.get(alert.kind)?.active) kinds.set(alert.kind, alert);
  return [...kinds.values()];
}

export function RunAlerts() {
  const word = useScreenWords(words);
  const { format } = useWords();
  const { stored } = useRunSource();
  const onScreen = useStudioState((state) => state.alerts.raised);
  const alerts = oncePerKind(stored ? stored.alerts.raised : onScreen);
  const sentence = ({ kind, since, value, limit, metric }: RunAlert) =>
    word(`alert.${kind}`, {
      since: format.number(since),
      metric: metric ?? '',
      value: kind === 'klCeiling' ? format.number(value ?? 0, 2) : format.percent(value ?? 0, 0),
      limit: format.number(limit ?? 0, 1),
    });
  return (
    <section className="run-alerts" aria-label={word('alerts.label')} aria-live="polite">
      {alerts.map((alert) => (
        <div key={alert.kind} className={alert.active ? 'run-alert' : 'run-alert over'} data-alert={alert.kind}>
          <p className={alert.active ? 'needs-you' : 'note'}>
            {alert.active && <TriangleAlert size={16} aria-hidden="true" />} {sentence(alert)}
          </p>
          <p className="note">
            {alert.active
              ? word(`alert.${alert.kind}.do`)
              : word('alert.past', { since: format.number(alert.since), until: format.number(alert.until) })}
          </p>
        </div>
      ))}
    </section>
  );
}
