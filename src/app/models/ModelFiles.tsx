// Files of this machine: chosen, a folder of them, or dropped. They stay where they are; the worker reads what it needs of them.
import { FolderOpen, Upload } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { LocalFile } from '../../protocol/models';
import { isRunActive } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useStudioState } from '../studioContext';
import { droppedFiles } from './droppedFiles';
import { words } from './words';

/** What the files are called together: the GGUF, or the folder. */
function nameOf(files: readonly LocalFile[]): string {
  const gguf = files.find(({ path }) => path.endsWith('.gguf'));
  const [first] = files;
  const folder = first.path.includes('/') ? first.path.split('/')[0] : first.path;
  return gguf ? (gguf.path.split('/').at(-1) ?? gguf.path) : folder;
}

const chosen = (list: FileList | null): LocalFile[] =>
  [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

export function ModelFiles() {
  const w = useScreenWords(words);
  const studio = useStudio();
  const isBusy = useStudioState(isRunActive);
  const [isOver, setIsOver] = useState(false);
  const [isEmpty, setIsEmpty] = useState(false);
  const look = (files: LocalFile[]) => {
    setIsEmpty(files.length === 0);
    if (files.length > 0) studio.models.look({ kind: 'local', files }, nameOf(files));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    void droppedFiles(event.dataTransfer).then(look);
  };
  return (
    <section
      className={isOver ? 'models-part drop-files over' : 'models-part drop-files'}
      aria-labelledby="models-files"
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <h3 id="models-files">{w('files.title')}</h3>
      <p className="note">{w('files.help')}</p>
      <div className="actions">
        <label className="button">
          <Upload size={16} aria-hidden="true" />
          {w('files.choose')}
          <input
            type="file"
            multiple
            className="visually-hidden"
            accept=".gguf,.json,.safetensors,.jinja"
            onChange={({ target }) => {
              look(chosen(target.files));
              target.value = '';
            }}
          />
        </label>
        <label className="button">
          <FolderOpen size={16} aria-hidden="true" />
          {w('files.folder')}
          <input
            type="file"
            className="visually-hidden"
            // Not in React's types: https://developer.mozilla.org/en-US/docs/Web/API/HTMLInputElement/webkitdirectory
            ref={(input) => input?.setAttribute('webkitdirectory', '')}
            onChange={({ target }) => {
              look(chosen(target.files));
              target.value = '';
            }}
          />
        </label>
        <span className="note">{w('files.drop')}</span>
      </div>
      {isBusy && <p className="note">{w('busy')}</p>}
      <p className="needs-you" role="status">
        {isEmpty && w('files.empty')}
      </p>
    </section>
  );
}
