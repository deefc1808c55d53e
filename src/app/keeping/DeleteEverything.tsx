// Deletes all that is kept. Asks once and names what is lost.
import { useState } from 'react';
import { isRunActive } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { words } from './words';

export function DeleteEverything({ runs, onChange }: { runs: number; onChange: () => void }) {
  const w = useScreenWords(words);
  const { t, format } = useWords();
  const studio = useStudio();
  const isBusy = useStudioState((state) => isRunActive(state) && state.run.run?.status === 'running');
  const [isAsking, setIsAsking] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const remove = async () => {
    setIsAsking(false);
    setFault(null);
    try {
      const { deleteEverything } = await import('../../store/keeping');
      await deleteEverything(studio);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    onChange();
  };
  if (isAsking) {
    return (
      <div className="actions">
        <span className="needs-you">{w('delete.ask', { n: format.number(runs) })}</span>
        <button type="button" className="danger" onClick={() => void remove()}>
          {w('delete.yes')}
        </button>
        <button type="button" className="quiet" onClick={() => setIsAsking(false)}>
          {w('delete.no')}
        </button>
      </div>
    );
  }
  return (
    <>
      <button
        type="button"
        className="quiet"
        disabled={isBusy}
        title={isBusy ? t('model.notWhileRunning') : undefined}
        onClick={() => setIsAsking(true)}
      >
        {w('delete.all')}
      </button>
      {fault && <ErrorPanel title={w('delete.failed')} error={{ kind: 'storage', message: fault }} />}
    </>
  );
}
