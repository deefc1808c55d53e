// A configuration as a file: out as JSON or YAML, in from either. A file with faults changes nothing and says them all.
import { Download, Upload } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { RunForm } from '../../protocol/runForm';
import {
  ConfigurationFault,
  type FileKind,
  readConfiguration,
  writeConfiguration,
} from '../../store/configurationFile';
import { faultIn } from '../i18n/faultWords';
import { useStudioState } from '../studioContext';
import { download } from '../ui/download';
import { ErrorPanel } from '../ui/ErrorPanel';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

const mimeTypes: Record<FileKind, string> = { json: 'application/json', yaml: 'application/yaml' };
/** More are as many as one can read. */
const MOST_SENTENCES = 8;

export function ConfigurationFiles({ onImported }: { onImported(form: RunForm, sentence: string): void }) {
  const { s, language } = useStudioWords();
  const { form, recipe, recipes } = useForm();
  const model = useStudioState((state) => state.model.info?.id ?? null);
  const [faults, setFaults] = useState<string[]>([]);
  const [isOver, setIsOver] = useState(false);

  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      const imported = await readConfiguration(await file.text(), file.name, recipes);
      const isOther = imported.model !== null && model !== null && imported.model !== model;
      const other = isOther ? ` ${s('setup.importedModel', { model: imported.model ?? '', loaded: model ?? '' })}` : '';
      setFaults([]);
      onImported(imported.form, s('setup.imported', { file: file.name }) + other);
    } catch (error) {
      if (error instanceof ConfigurationFault) setFaults(error.sentences);
      else setFaults([error instanceof Error ? error.message : String(error)]);
    }
  };
  const give = async (kind: FileKind) => {
    if (!recipe) return;
    const text = await writeConfiguration(form, recipe, model, kind);
    download(`second-thought-${form.recipe}.${kind}`, text, mimeTypes[kind]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    void take(event.dataTransfer.files[0]);
  };

  return (
    <section
      aria-label={s('setup.import')}
      className={isOver ? 'configuration-files over' : 'configuration-files'}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <div className="actions">
        <label className="button quiet-button">
          <Upload size={16} aria-hidden="true" />
          {s('setup.import')}
          <input
            type="file"
            className="visually-hidden"
            accept=".json,.yaml,.yml"
            onChange={({ target }) => {
              void take(target.files?.[0]);
              // The same file may be chosen again after it was corrected.
              target.value = '';
            }}
          />
        </label>
        {(['json', 'yaml'] as const).map((kind) => (
          <button key={kind} type="button" className="quiet" disabled={!recipe} onClick={() => void give(kind)}>
            <Download size={16} aria-hidden="true" />
            {s(kind === 'json' ? 'setup.exportJson' : 'setup.exportYaml')}
          </button>
        ))}
      </div>
      {faults.length > 0 && (
        <ErrorPanel title={s('setup.importFailed')} error={null}>
          <ul className="fault-list">
            {faults.slice(0, MOST_SENTENCES).map((sentence) => {
              const said = faultIn(language, sentence);
              return (
                <li key={sentence} lang={said.language}>
                  {said.text}
                </li>
              );
            })}
          </ul>
          <button type="button" className="quiet" onClick={() => setFaults([])}>
            {s('setup.cancel')}
          </button>
        </ErrorPanel>
      )}
    </section>
  );
}
