// "Use another model": files in Hugging Face layout, chosen or dropped. A broken file gets its sentence in ModelStatus.
import { Upload } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { isRunActive } from '../../store/studioState';
import { hrefOf } from '../place';
import { useStudio, useStudioState, useWords } from '../studioContext';

export function ModelPicker() {
  const { t, format } = useWords();
  const studio = useStudio();
  const model = useStudioState((state) => state.model);
  const runActive = useStudioState(isRunActive);
  const [isOver, setIsOver] = useState(false);

  const use = async (list: FileList | null) => {
    if (!list || list.length === 0) return;
    const files = await Promise.all(
      [...list].map(async (file) => ({ name: file.name, bytes: await file.arrayBuffer() })),
    );
    studio.loadModel({ kind: 'files', files });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    if (!runActive) void use(event.dataTransfer.files);
  };

  return (
    <details className="model-picker">
      <summary>
        {model.info
          ? t('model.summary', {
              name: model.source === 'bundled' ? t('model.bundledName') : model.info.id,
              parameters: format.compact(model.info.parameters),
            })
          : t('model.summaryNone')}
      </summary>
      <p className="note">{t('model.pickerHelp')}</p>
      <section
        className={isOver ? 'drop over' : 'drop'}
        aria-label={t('model.choose')}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <label className="button">
          <Upload size={16} aria-hidden="true" />
          {t('model.choose')}
          <input
            type="file"
            multiple
            className="visually-hidden"
            disabled={runActive}
            accept=".json,.safetensors,.jinja"
            onChange={(event) => void use(event.target.files)}
          />
        </label>
        <span className="note">{t(runActive ? 'model.notWhileRunning' : 'model.orDrop')}</span>
      </section>
      <p>
        <a href={hrefOf('models')}>{t('model.all')}</a>
      </p>
      {model.source !== 'bundled' && model.phase === 'ready' && (
        <button
          type="button"
          className="quiet"
          disabled={runActive}
          onClick={() => studio.loadModel({ kind: 'bundled' })}
        >
          {t('error.model.bundled')}
        </button>
      )}
    </details>
  );
}
