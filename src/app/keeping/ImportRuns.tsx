// Runs from another machine: a zip file that this page exported, checked whole before anything is changed.
import { useRef, useState } from 'react';
import { faultIn } from '../i18n/faultWords';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { words } from './words';

export function ImportRuns({ onChange }: { onChange?: () => void }) {
  const w = useScreenWords(words);
  const { format, language } = useWords();
  const studio = useStudio();
  const input = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const bring = async (file: File) => {
    setSaid('');
    setFault(null);
    setShare(0);
    try {
      const { bringRunsIn } = await import('../../store/keeping');
      const { imported, known, notes } = await bringRunsIn(studio, file, setShare);
      const sentences = [w('import.done', { n: format.number(imported.length) })];
      if (known.length > 0) sentences.push(w('import.known', { n: format.number(known.length) }));
      if (notes > 0) sentences.push(w('import.notes', { n: format.number(notes) }));
      setSaid(sentences.join(' '));
      onChange?.();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    setShare(null);
  };
  return (
    <div className="keeping-import">
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        hidden
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) void bring(file);
          target.value = '';
        }}
      />
      <button type="button" disabled={share !== null} onClick={() => input.current?.click()}>
        {share === null ? w('import.choose') : w('import.under', { share: format.percent(share, 0) })}
      </button>
      <p className="note">{w('import.help')}</p>
      <p className="note keeping-said" role="status">
        {said}
      </p>
      {fault !== null && (
        <ErrorPanel title={w('import.failed')} error={null}>
          <p lang={faultIn(language, fault).language}>{faultIn(language, fault).text}</p>
        </ErrorPanel>
      )}
    </div>
  );
}
