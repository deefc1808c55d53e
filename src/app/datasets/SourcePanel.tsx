// Where a dataset comes from: a file dropped or chosen, pasted text, the page's own sample.
import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio } from '../studioContext';
import { words } from './words';

export function SourcePanel() {
  const w = useScreenWords(words);
  const { datasets } = useStudio();
  const [isOver, setOver] = useState(false);
  const [pasted, setPasted] = useState('');
  const inputId = useId();
  const pasteId = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) datasets.open(file.name, file);
  };
  return (
    <section className="data-part" aria-labelledby="data-source">
      <h3 id="data-source">{w('source.title')}</h3>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button inside is the first */}
      <div
        className="drop-zone"
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>{w('source.drop')}</p>
        <p className="note">{w('source.formats')}</p>
        <div className="actions">
          <label className="button" htmlFor={inputId}>
            <FileUp size={16} aria-hidden="true" />
            {w('source.choose')}
          </label>
          <input
            id={inputId}
            type="file"
            className="visually-hidden"
            accept=".jsonl,.json,.csv,.tsv,.txt,.parquet"
            onChange={({ target }) => {
              const file = target.files?.[0];
              if (file) datasets.open(file.name, file);
              // The same file may be chosen again after it was changed.
              target.value = '';
            }}
          />
          <button type="button" onClick={() => void datasets.openSample()}>
            {w('source.sample')}
          </button>
        </div>
        <p className="note">
          {w('source.sampleNote')} <a href="datasets/gsm8k-LICENSE.txt">{w('source.licence')}</a>
        </p>
      </div>
      <details>
        <summary>{w('source.paste')}</summary>
        <div className="paste">
          <label htmlFor={pasteId} className="note">
            {w('source.pasteLabel')}
          </label>
          <textarea
            id={pasteId}
            className="model-text"
            rows={6}
            spellCheck={false}
            value={pasted}
            onChange={({ target }) => setPasted(target.value)}
          />
          <div className="actions">
            <button
              type="button"
              disabled={pasted.trim() === ''}
              onClick={() => datasets.open(w('source.pasted'), pasted)}
            >
              {w('source.read')}
            </button>
          </div>
        </div>
      </details>
    </section>
  );
}
