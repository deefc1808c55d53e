// Models as cards: the bundled one, those this browser keeps, and small ones to begin with.
import { Trash2 } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import type { CachedModel } from '../../protocol/models';
import { isRunActive } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import type { HubAccess } from './HubForm';
import { suggestedModels } from './suggestedModels';
import { words } from './words';

function Card({ name, facts, children }: { name: string; facts: readonly string[]; children: ReactNode }) {
  return (
    <li className="model-card">
      <h4>{name}</h4>
      {facts.map((fact) => (
        <p key={fact} className="note">
          {fact}
        </p>
      ))}
      <div className="actions">{children}</div>
    </li>
  );
}

function KeptCard({ model, isBusy }: { model: CachedModel; isBusy: boolean }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const { id, name, bytes, keptBytes, usedAt, licence } = model;
  const isWhole = keptBytes >= bytes;
  const facts = [
    w('kept.size', { size: format.bytes(bytes), date: format.date(usedAt) }),
    !isWhole && w('kept.partly', { kept: format.bytes(keptBytes), size: format.bytes(bytes) }),
    licence && w('card.licence', { licence }),
  ].filter((fact) => typeof fact === 'string');
  return (
    <Card name={name} facts={facts}>
      <button
        type="button"
        disabled={isBusy}
        aria-label={w('card.loadName', { name })}
        onClick={() => studio.loadModel({ kind: 'cached', id })}
      >
        {w('card.load')}
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={w('kept.deleteName', { name })}
        onClick={() => studio.models.remove(id)}
      >
        <Trash2 size={16} aria-hidden="true" />
        {w('kept.delete')}
      </button>
    </Card>
  );
}

export function KeptModels() {
  const w = useScreenWords(words);
  const studio = useStudio();
  const cached = useStudioState((state) => state.models.cached);
  const fault = useStudioState((state) => state.models.fault);
  const isBusy = useStudioState(isRunActive);
  useEffect(() => studio.models.list(), [studio]);
  return (
    <section className="models-part" aria-labelledby="models-kept">
      <h3 id="models-kept">{w('kept.title')}</h3>
      {fault && <ErrorPanel title={w('kept.failed')} error={fault} />}
      {cached === null && !fault && <p className="note">{w('kept.loading')}</p>}
      {cached?.length === 0 && !fault && <p className="note">{w('kept.none')}</p>}
      {cached && cached.length > 0 && (
        <ul className="model-cards">
          {cached.map((model) => (
            <KeptCard key={model.id} model={model} isBusy={isBusy} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** What comes with the page. */
const shipped = [
  { kind: 'bundled', name: 'use.bundled', about: 'card.bundled' },
  { kind: 'left', name: 'use.left', about: 'card.left' },
] as const;

export function SuggestedModels({ access }: { access: HubAccess }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const studio = useStudio();
  const isBusy = useStudioState(isRunActive);
  const inUse = useStudioState((state) => (state.model.phase === 'ready' ? state.model.source : null));
  const { host, token } = access;
  return (
    <section className="models-part" aria-labelledby="models-cards">
      <h3 id="models-cards">{w('cards.title')}</h3>
      <p className="note">{w('cards.note')}</p>
      <ul className="model-cards">
        {shipped.map(({ kind, name, about }) => (
          <Card key={kind} name={w(name)} facts={[w(about), w('card.licence', { licence: 'Apache-2.0' })]}>
            {inUse === kind ? (
              <span className="note">{w('card.inUse')}</span>
            ) : (
              <button
                type="button"
                disabled={isBusy}
                aria-label={w('card.loadName', { name: w(name) })}
                onClick={() => studio.loadModel({ kind })}
              >
                {w('card.load')}
              </button>
            )}
          </Card>
        ))}
        {suggestedModels.map(({ name, repo, parameters, licence, isGated, canChat }) => {
          const facts = [
            w('card.parameters', { n: format.compact(parameters * 1e6) }),
            w('card.licence', { licence }),
            isGated && w('card.gated'),
            !canChat && w('card.plain'),
          ].filter((fact) => typeof fact === 'string');
          const place = { host: host.trim().replace(/\/+$/, ''), repo, revision: 'main', file: null };
          return (
            <Card key={repo} name={name} facts={facts}>
              <button
                type="button"
                aria-label={w('card.lookName', { name })}
                onClick={() => studio.models.look({ kind: 'hub', place, token: token.trim() || null }, name)}
              >
                {w('card.look')}
              </button>
            </Card>
          );
        })}
      </ul>
    </section>
  );
}
