// Choosing a form to begin with, keeping one's own, taking one home and bringing one back.
import { Undo2 } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { RunForm } from '../../protocol/runForm';
import { useStudio, useStudioState } from '../studioContext';
import { ConfigurationFiles } from './ConfigurationFiles';
import { type Preset, presetOf, presetsFor } from './presets';
import { useForm } from './useForm';
import { useStudioWords } from './useStudioWords';

function SaveAs({ onDone }: { onDone(name: string | null): void }) {
  const { s } = useStudioWords();
  const { setup } = useStudio();
  const [name, setName] = useState('');
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') return;
    void setup.saveAs(name.trim());
    onDone(name.trim());
  };
  return (
    <form className="actions" onSubmit={save}>
      <label>
        <span className="visually-hidden">{s('setup.saveName')}</span>
        {/* biome-ignore lint/a11y/noAutofocus: the person has just asked for this field */}
        <input autoFocus maxLength={80} value={name} onChange={({ target }) => setName(target.value)} />
      </label>
      <button type="submit">{s('setup.save')}</button>
      <button type="button" className="quiet" onClick={() => onDone(null)}>
        {s('setup.cancel')}
      </button>
    </form>
  );
}

/** Removes a preset of one's own; asks once. */
function RemovePreset({ name }: { name: string }) {
  const { s } = useStudioWords();
  const { setup } = useStudio();
  const [isAsking, setIsAsking] = useState(false);
  if (!isAsking) {
    return (
      <button type="button" className="quiet" onClick={() => setIsAsking(true)}>
        {s('setup.removePreset')}
      </button>
    );
  }
  return (
    <>
      <span className="needs-you">{s('setup.removeAsk', { name })}</span>
      <button type="button" className="danger" onClick={() => void setup.forget(name)}>
        {s('setup.removeYes')}
      </button>
      <button type="button" className="quiet" onClick={() => setIsAsking(false)}>
        {s('setup.cancel')}
      </button>
    </>
  );
}

function PresetOptions({ presets }: { presets: readonly Preset[] }) {
  const { s } = useStudioWords();
  return (['builtIn', 'recipe', 'own'] as const).map((kind) => {
    const ofKind = presets.filter((preset) => preset.kind === kind);
    if (ofKind.length === 0) return null;
    return (
      <optgroup key={kind} label={s(`setup.preset.${kind}`)}>
        {ofKind.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </optgroup>
    );
  });
}

export function PresetBar() {
  const words = useStudioWords();
  const { s } = words;
  const { form, recipes, change } = useForm();
  const own = useStudioState((state) => state.setup.ownForms);
  const presetId = useId();
  const [before, setBefore] = useState<RunForm | null>(null);
  const [isNaming, setIsNaming] = useState(false);
  const [said, setSaid] = useState('');
  const presets = presetsFor(recipes, own, words);
  const current = presetOf(form, presets);
  const replace = (next: RunForm, sentence: string) => {
    setBefore(form);
    change(next);
    setSaid(sentence);
  };
  return (
    <div className="preset-bar">
      <div className="actions">
        <span className="preset-choice">
          <label htmlFor={presetId}>{s('setup.preset')}</label>
          <select
            id={presetId}
            value={current?.id ?? ''}
            onChange={({ target }) => {
              const chosen = presets.find(({ id }) => id === target.value);
              if (chosen) replace(chosen.form, s('setup.preset.taken'));
            }}
          >
            {!current && <option value="">{s('setup.preset.none')}</option>}
            <PresetOptions presets={presets} />
          </select>
        </span>
        {current?.kind === 'own' && <RemovePreset key={current.id} name={current.title} />}
        {!current && !isNaming && (
          <button type="button" onClick={() => setIsNaming(true)}>
            {s('setup.saveAs')}
          </button>
        )}
        {isNaming && (
          <SaveAs
            onDone={(name) => {
              setIsNaming(false);
              if (name !== null) setSaid(s('setup.saved', { name }));
            }}
          />
        )}
      </div>
      <ConfigurationFiles onImported={replace} />
      <div className="actions" role="status">
        {said !== '' && <span className="note">{said}</span>}
        {before !== null && (
          <button
            type="button"
            className="quiet"
            onClick={() => {
              change(before);
              setBefore(null);
              setSaid('');
            }}
          >
            <Undo2 size={16} aria-hidden="true" />
            {s('setup.preset.back')}
          </button>
        )}
      </div>
    </div>
  );
}
