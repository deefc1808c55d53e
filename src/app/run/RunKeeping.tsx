// Around the run: what is kept of it, whether one is told of its end, and whether the machine stays awake meanwhile.
import { Bell, BellOff } from 'lucide-react';
import { useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { TakeHome } from '../lesson/TakeHome';
import { reasonInWords } from '../studio/stopWords';
import { useStudioWords } from '../studio/useStudioWords';
import { usePreferences, useStudioState, useWords } from '../studioContext';
import { useRunSource, useRunView } from './runSource';
import { words } from './words';

function Checkpoints() {
  const word = useScreenWords(words);
  const { format } = useWords();
  const last = useRunView((run) => run.checkpointStep) ?? null;
  const best = useRunView((run) => run.bestStep) ?? null;
  const share = useRunView((run) => run.evaluations.find(({ step }) => step === run.bestStep)?.greedy.accuracyT2);
  return (
    <p className="checkpoints">
      <b>{word('checkpoints')}</b>{' '}
      {last === null ? word('checkpoint.none') : word('checkpoint.last', { step: format.number(last) })}
      {best !== null && (
        <>
          {' · '}
          {word('checkpoint.best', {
            step: format.number(best),
            share: share === undefined ? '–' : format.percent(share),
          })}
        </>
      )}
    </p>
  );
}

function StopReason() {
  const { s } = useStudioWords();
  const reason = useRunView((run) => run.stopReason) ?? null;
  return reason && <p>{reasonInWords(s, reason)}</p>;
}

/** Asked for with a button, never by itself. */
function Notify() {
  const word = useScreenWords(words);
  const [{ notifyWhenDone }, setPreferences] = usePreferences();
  const isSupported = 'Notification' in window;
  const [permission, setPermission] = useState(isSupported ? Notification.permission : 'denied');
  if (!isSupported) return <p className="note">{word('notify.unsupported')}</p>;
  const ask = async () => {
    const answer = await Notification.requestPermission();
    setPermission(answer);
    setPreferences({ notifyWhenDone: answer === 'granted' });
  };
  if (notifyWhenDone && permission === 'granted') {
    return (
      <p className="note">
        {word('notify.on')}{' '}
        <button type="button" className="quiet" onClick={() => setPreferences({ notifyWhenDone: false })}>
          <BellOff size={16} aria-hidden="true" />
          {word('notify.off')}
        </button>
      </p>
    );
  }
  if (permission === 'denied') return <p className="note">{word('notify.denied')}</p>;
  return (
    <button type="button" className="quiet" onClick={() => void ask()}>
      <Bell size={16} aria-hidden="true" />
      {word('notify.ask')}
    </button>
  );
}

/** What was learned so far, as a folder for Python; not while a step may be under way. */
function Adapters() {
  const { runId } = useRunSource();
  const last = useRunView((run) => run.checkpointStep) ?? null;
  const best = useRunView((run) => run.bestStep) ?? null;
  const isOver = useRunView((run) => run.status !== 'running') ?? false;
  if (last === null || !isOver) return null;
  return (
    <div className="actions">
      <TakeHome runId={runId} />
      {best !== null && best !== last && <TakeHome runId={runId} slot="best" />}
    </div>
  );
}

export function RunKeeping() {
  const word = useScreenWords(words);
  const { stored } = useRunSource();
  const awake = useStudioState((state) => state.awake);
  const isGoing = useRunView((run) => run.live && (run.status === 'running' || run.status === 'paused'));
  return (
    <div className="run-keeping">
      <Checkpoints />
      <StopReason />
      <Adapters />
      {!stored && isGoing && <Notify />}
      {!stored && awake !== 'off' && <p className="note">{word(`awake.${awake}`)}</p>}
    </div>
  );
}
