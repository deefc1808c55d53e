// Scene 1: a problem, two attempts on the dial, the verdict.
import { Play, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { AttemptView } from '../../protocol/events';
import { areValidNumbers } from '../../store/dialFacts';
import { isModelReady } from '../../store/studioState';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { Segments } from '../ui/Segments';
import { Dial } from './Dial';
import { Exchange } from './Exchange';
import { ModelPicker } from './ModelPicker';
import { ModelStatus } from './ModelStatus';
import { ProblemEditor } from './ProblemEditor';
import { Tally } from './Tally';
import { usePacedAttempts } from './usePacedAttempts';

const none: AttemptView[] = [];

export function WatchItFail({ who, onWho }: { who: 'base' | 'trained'; onWho(who: 'base' | 'trained'): void }) {
  const { t } = useWords();
  const studio = useStudio();
  const ready = useStudioState(isModelReady);
  const numbers = useStudioState((state) => state.ask.numbers);
  const asks = useStudioState((state) => state.ask.asks);
  const run = useStudioState((state) => state.run.run);
  const [busy, setBusy] = useState(false);

  const canAskTrained = run !== null && (run.step > 0 || run.checkpointStep !== null);
  const runId = who === 'trained' && canAskTrained ? run.config.id : null;
  const ask = asks.findLast((candidate) => candidate.purpose === 'try') ?? null;
  // Editing the problem clears the dial: the answers belong to other numbers.
  const current = ask && numbers && ask.numbers.join() === numbers.join() && ask.runId === runId ? ask : null;
  const { shown, done } = usePacedAttempts(
    current?.requestId ?? null,
    current?.attempts ?? none,
    current?.isPaced === false,
  );
  const isAnswering = busy || ask?.status === 'streaming';
  const canAsk = ready && numbers !== null && areValidNumbers(numbers) && !isAnswering;

  const doAsk = async (count: number) => {
    setBusy(true);
    if (count === 1) await studio.asking.ask(runId);
    else await studio.asking.askSeveral(count, runId);
    setBusy(false);
  };

  return (
    <section className="scene" id="watch" aria-labelledby="watch-title">
      <h2 id="watch-title">
        <span className="scene-number">1</span>
        {t('watch.title')}
      </h2>
      <p className="lead">{t('watch.intro')}</p>
      <div className="watch-grid">
        <div className="watch-problem">
          <ProblemEditor />
          <div className="actions">
            <button type="button" className="primary" disabled={!canAsk} onClick={() => void doAsk(1)}>
              <Play size={16} aria-hidden="true" />
              {t(isAnswering ? 'watch.answering' : 'watch.ask')}
            </button>
            <button type="button" disabled={!ready || isAnswering} onClick={() => void studio.asking.draw()}>
              <RefreshCw size={16} aria-hidden="true" />
              {t('problem.another')}
            </button>
            {done && (
              <button type="button" className="quiet" disabled={!ready || isAnswering} onClick={() => void doAsk(5)}>
                {t('watch.five')}
              </button>
            )}
          </div>
          {canAskTrained && (
            <Segments
              label={t('watch.who')}
              labelled
              options={[
                { value: 'base', label: t('watch.who.base') },
                { value: 'trained', label: t('watch.who.trained') },
              ]}
              value={who}
              onChange={onWho}
              disabled={isAnswering}
            />
          )}
          <ModelStatus />
        </div>
        <Dial numbers={numbers} attempts={shown} />
        <div className="watch-talk">
          {current && <Exchange ask={current} shown={shown} done={done} />}
          <Tally runId={runId} hold={done ? null : (current?.requestId ?? null)} />
          <ModelPicker />
        </div>
      </div>
    </section>
  );
}
