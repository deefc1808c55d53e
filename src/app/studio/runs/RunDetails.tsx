// What can be done with a run beyond opening it: name, tags, its configuration, a copy of it to tweak, deletion.
import { CopyPlus, Trash2 } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { formOfRun } from '../../../protocol/runForm';
import type { StoredRunSummary } from '../../../store/library';
import { tagsOf } from '../../../store/runLabels';
import { useScreenWords } from '../../i18n/screenWords';
import { ExportRun } from '../../keeping/ExportRun';
import { words as keepingWords } from '../../keeping/words';
import { useStudio, useStudioState } from '../../studioContext';
import { reasonInWords } from '../stopWords';
import { useStudioWords } from '../useStudioWords';
import { RunConfiguration } from './RunConfiguration';

function LabelForm({ stored }: { stored: StoredRunSummary }) {
  const { s } = useStudioWords();
  const { labels } = useStudio();
  const id = useId();
  const [name, setName] = useState(stored.label?.name ?? '');
  const [tags, setTags] = useState(stored.label?.tags.join(', ') ?? '');
  const save = (event: FormEvent) => {
    event.preventDefault();
    void labels.change(stored.config.id, { name, tags: tagsOf(tags) });
  };
  return (
    <form className="label-form" onSubmit={save}>
      <label htmlFor={`${id}-name`}>{s('runs.rename')}</label>
      <input id={`${id}-name`} maxLength={120} value={name} onChange={({ target }) => setName(target.value)} />
      <label htmlFor={`${id}-tags`}>{s('runs.tags')}</label>
      <input id={`${id}-tags`} maxLength={400} value={tags} onChange={({ target }) => setTags(target.value)} />
      <button type="submit">{s('runs.keepLabel')}</button>
    </form>
  );
}

export function RunDetails({ stored, canDelete }: { stored: StoredRunSummary; canDelete: boolean }) {
  const { s } = useStudioWords();
  const k = useScreenWords(keepingWords);
  const { setup, labels } = useStudio();
  const recipes = useStudioState((state) => state.recipes);
  const [isCopied, setIsCopied] = useState(false);
  const { config, stopReason } = stored;
  const recipe = recipes.find(({ id }) => id === config.recipe);
  const duplicate = () => {
    setup.change(formOfRun(config, recipe?.fields ?? []));
    setIsCopied(true);
    const title = document.querySelector<HTMLElement>('#studio-setup');
    title?.scrollIntoView({ block: 'start' });
    title?.focus({ preventScroll: true });
  };
  return (
    <div className="run-details">
      {stopReason && <p>{reasonInWords(s, stopReason)}</p>}
      <LabelForm stored={stored} />
      <RunConfiguration config={config} />
      <div className="actions">
        <button type="button" disabled={!recipe} onClick={duplicate}>
          <CopyPlus size={16} aria-hidden="true" />
          {s('runs.duplicate')}
        </button>
        <ExportRun runIds={[config.id]} label={k('export.whole')} />
        {canDelete && (
          <button type="button" className="danger" onClick={() => void labels.remove(config.id)}>
            <Trash2 size={16} aria-hidden="true" />
            {s('runs.delete')}
          </button>
        )}
        <span className="note" role="status">
          {isCopied && s('runs.duplicated')}
        </span>
      </div>
    </div>
  );
}
