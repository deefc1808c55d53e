// What was learned, as a file: asked of the worker, handed to the browser's own download.
import { useState } from 'react';
import type { CheckpointSlot } from '../../protocol/checkpoint';
import { useStudio, useWords } from '../studioContext';
import { download } from '../ui/download';

export function TakeHome({ runId, slot = 'last' }: { runId: string; slot?: CheckpointSlot }) {
  const { t } = useWords();
  const studio = useStudio();
  const [fault, setFault] = useState<string | null>(null);
  const take = async () => {
    setFault(null);
    try {
      const { fileName, bytes } = await studio.takeAdapterHome(runId, slot);
      download(fileName, bytes, 'application/zip');
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void take()} title={t('changed.takeHomeTitle')}>
        {t(slot === 'best' ? 'changed.takeBestHome' : 'changed.takeHome')}
      </button>
      {fault && (
        <p className="note" role="alert">
          {t('changed.takeHomeFailed')} {fault}
        </p>
      )}
    </>
  );
}
