// A model of a hub by its name or link. The token lives in this form's memory and in the command that uses it, nowhere else.
import { type FormEvent, useId, useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio } from '../studioContext';
import { HUB_HOST, placeOf } from './suggestedModels';
import { words } from './words';

export interface HubAccess {
  host: string;
  revision: string;
  token: string;
}

export const hubAtStart: HubAccess = { host: HUB_HOST, revision: 'main', token: '' };

interface HubFormProps {
  access: HubAccess;
  onAccess(access: HubAccess): void;
}

export function HubForm({ access, onAccess }: HubFormProps) {
  const w = useScreenWords(words);
  const studio = useStudio();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [isBad, setIsBad] = useState(false);
  const { host, revision, token } = access;
  const look = (event: FormEvent) => {
    event.preventDefault();
    const place = placeOf(typed, host, revision);
    setIsBad(place === null);
    if (place) studio.models.look({ kind: 'hub', place, token: token.trim() || null }, place.file ?? place.repo);
  };
  return (
    <section className="models-part" aria-labelledby="models-hub">
      <h3 id="models-hub">{w('hub.title')}</h3>
      <form className="hub-form" noValidate onSubmit={look}>
        <label htmlFor={`${id}-name`}>{w('hub.name')}</label>
        <div className="actions">
          <input
            id={`${id}-name`}
            type="text"
            inputMode="url"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={500}
            placeholder="HuggingFaceTB/SmolLM2-135M-Instruct"
            value={typed}
            aria-invalid={isBad}
            aria-describedby={`${id}-help`}
            onChange={({ target }) => setTyped(target.value)}
          />
          <button type="submit" disabled={typed.trim() === ''}>
            {w('hub.look')}
          </button>
        </div>
        <p className="note" id={`${id}-help`}>
          {w('hub.nameHelp')} {isBad && <span className="fault">{w('hub.bad')}</span>}
        </p>
        <details>
          <summary>{w('hub.more')}</summary>
          <div className="hub-more">
            <label className="stacked">
              {w('hub.host')}
              <input
                type="url"
                value={host}
                maxLength={200}
                onChange={({ target }) => onAccess({ ...access, host: target.value })}
              />
            </label>
            <label className="stacked">
              {w('hub.revision')}
              <input
                type="text"
                value={revision}
                maxLength={100}
                onChange={({ target }) => onAccess({ ...access, revision: target.value })}
              />
            </label>
            <label className="stacked">
              {w('hub.token')}
              <input
                type="password"
                autoComplete="off"
                value={token}
                maxLength={300}
                aria-describedby={`${id}-token`}
                onChange={({ target }) => onAccess({ ...access, token: target.value })}
              />
            </label>
            <p className="note" id={`${id}-token`}>
              {w('hub.tokenHelp')}
            </p>
          </div>
        </details>
      </form>
    </section>
  );
}
