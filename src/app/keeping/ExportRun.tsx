// Whole runs as one zip file: configuration, metrics, evaluations, samples, checkpoints, and the adapter as a PEFT folder.
import { useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useWords } from '../studioContext';
import { download } from '../ui/download';
import { words } from './words';
import './keeping.css';

interface ExportRunProps {
  runIds: readonly string[];
  label: string;
  /** Where several buttons have the same label. */
  name?: string;
  /** Also presets, queue and examples. */
  withNotes?: boolean;
}

export function ExportRun({ runIds, label, name, withNotes = false }: ExportRunProps) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const [share, setShare] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const take = async () => {
    setSaid('');
    setShare(0);
    try {
      const { takeRunsHome } = await import('../../store/keeping');
      const { fileName, file, withoutAdapter, selfChecks } = await takeRunsHome(studio, runIds, setShare, withNotes);
      download(fileName, file, 'application/zip');
      const done = w('export.done', { file: fileName, size: format.bytes(file.size) });
      const largest = Math.max(...selfChecks.map(({ largestLogitDifference }) => largestLogitDifference));
      const checked =
        selfChecks.length > 0 &&
        w('export.checked', { n: format.number(selfChecks.length), difference: format.tiny(largest) });
      const missing = withoutAdapter && `${w('export.noAdapter')} ${withoutAdapter}`;
      setSaid([done, checked, missing].filter(Boolean).join(' '));
    } catch (error) {
      setSaid(`${w('export.failed')} ${error instanceof Error ? error.message : error}`);
    }
    setShare(null);
  };
  return (
    <>
      <button type="button" className="quiet" disabled={share !== null} aria-label={name} onClick={() => void take()}>
        {share === null ? label : w('export.under', { share: format.percent(share, 0) })}
      </button>
      <span className="note keeping-said" role="status">
        {said}
      </span>
    </>
  );
}
