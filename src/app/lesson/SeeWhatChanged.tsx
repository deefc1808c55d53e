// Scene 3: one sentence with its interval and test, the flips before and after, the same problems again, the stored runs.
import { hrefOf } from '../place';
import { usePreferences, useStudio, useStudioState, useWords } from '../studioContext';
import { DecodingSwitch } from '../ui/DecodingSwitch';
import { InTurn } from '../ui/InTurn';
import { FlipMatrix } from './FlipMatrix';
import { SameProblems } from './SameProblems';
import { StoredRuns } from './StoredRuns';
import { TakeHome } from './TakeHome';

function Result({ onAskYourself }: { onAskYourself(): void }) {
  const { t, format } = useWords();
  const studio = useStudio();
  const [{ decoding }] = usePreferences();
  const run = useStudioState((state) => state.run.run);
  const result = run?.result;
  if (!run || !result) return null;
  const { comparison } = result;
  const before = result.before[decoding];
  const after = result.after[decoding];
  return (
    <>
      <p className="finding">
        {t('changed.finding', {
          n: format.number(comparison.n),
          gained: format.number(comparison.gained),
          lost: format.number(comparison.lost),
          gain: format.points(comparison.gain),
          low: format.points(comparison.gainInterval.low),
          high: format.points(comparison.gainInterval.high),
          p: format.pValue(comparison.pValue),
        })}
      </p>
      <div className="finding-basis">
        <p className="note">{t('changed.findingNote')}</p>
        <DecodingSwitch />
      </div>
      <div className="matrices">
        <FlipMatrix title={t('same.before')} summary={before} />
        <FlipMatrix title={t('same.after')} summary={after} />
      </div>
      <p className="changed-words">
        {t('changed.delta', {
          before: format.points(before.delta),
          beforeLow: format.points(before.deltaInterval.low),
          beforeHigh: format.points(before.deltaInterval.high),
          after: format.points(after.delta),
          afterLow: format.points(after.deltaInterval.low),
          afterHigh: format.points(after.deltaInterval.high),
        })}{' '}
        {t('changed.cost', {
          first: format.points(after.accuracyT1 - before.accuracyT1),
          time: format.duration(result.seconds),
          tokens: format.compact(result.tokens),
        })}
      </p>
      <p className="note">{t(decoding === 'greedy' ? 'changed.greedyNote' : 'changed.sampledNote')}</p>
      <div className="actions">
        <button type="button" onClick={onAskYourself}>
          {t('changed.askYourself')}
        </button>
        <button type="button" onClick={() => void studio.openSamples(run.config.id, run.step)}>
          {t('changed.openSamples')}
        </button>
        <TakeHome runId={run.config.id} />
        {run.bestStep !== null && run.bestStep !== run.checkpointStep && <TakeHome runId={run.config.id} slot="best" />}
        <a className="button" href={hrefOf('studio')}>
          {t('changed.settings')}
        </a>
      </div>
    </>
  );
}

export function SeeWhatChanged({ onAskYourself }: { onAskYourself(): void }) {
  const { t } = useWords();
  const run = useStudioState((state) => state.run.run);
  const isOver = run?.status === 'finished' || run?.status === 'stopped' || run?.status === 'paused';
  return (
    <section className="scene" id="changed" aria-labelledby="changed-title">
      <h2 id="changed-title">
        <span className="scene-number">3</span>
        {t('changed.title')}
      </h2>
      {!run?.result && <p className="lead">{t(isOver ? 'changed.unfinished' : 'changed.notYet')}</p>}
      <InTurn>
        <Result onAskYourself={onAskYourself} />
      </InTurn>
      {run && isOver && run.step > 0 && (
        <InTurn>
          <SameProblems runId={run.config.id} />
        </InTurn>
      )}
      <InTurn>
        <StoredRuns />
      </InTurn>
    </section>
  );
}
