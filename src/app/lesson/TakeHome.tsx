// What was learned, as a file: asked of the worker, handed to the browser's own download.
import { useState } from 'react';
import type { CheckpointSlot } from '../../protocol/checkpoint';
import type { ExportCheck } from '../../protocol/events';
import { useStudio, useWords } from '../studioContext';
import { download } from '../ui/download';

export function TakeHome({ runId, slot = 'last' }: { runId: string; slot?: CheckpointSlot }) {
  const { t, format } = useWords();
  const studio = useStudio();
  const [fault, setFault] = useState<string | null>(null);
  const [checked, setChecked] = useState<(ExportCheck & { file: string }) | null>(null);
  const take = async () => {
    setFault(null);
    setChecked(null);
    try {
      const { fileName, bytes, selfCheck } = await studio.takeAdapterHome(runId, slot);
      download(fileName, bytes, 'application/zip');
      setChecked({ ...selfCheck, file: fileName });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void take()} title={t('changed.takeHomeTitle')}>
        {t(slot === 'best' ? 'changed.takeBestHome' : 'changed.takeHome')}
      </button>
      <span className="note take-home-checked" role="status">
        {checked &&
          t('changed.takeHomeChecked', {
            file: checked.file,
            prompts: format.number(checked.prompts),
            tokens: format.number(checked.tokens),
            difference: format.tiny(checked.largestLogitDifference),
          })}
      </span>
      {fault && (
        <p className="note" role="alert">
          {t('changed.takeHomeFailed')} {fault}
        </p>
      )}
    </>
  );
}
