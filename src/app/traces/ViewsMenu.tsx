// Saved views: what is shown and how it is sorted, under a name. They hold for every run of this browser.
import { Bookmark, X } from 'lucide-react';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { createSavedViews } from '../../store/savedViews';
import { readQuery, writeQuery } from '../../store/traceQuery';
import type { TraceView } from '../../store/traceView';
import { hrefOf } from '../place';
import { Pill } from '../ui/Pill';
import { useTraceWords } from './columnWords';

export function ViewsMenu({ view }: { view: TraceView }) {
  const { say } = useTraceWords();
  const [views] = useState(() => createSavedViews(() => window.localStorage));
  const saved = useSyncExternalStore(views.store.subscribe, views.store.getState);
  const [name, setName] = useState('');
  const save = (event: FormEvent) => {
    event.preventDefault();
    const { filter, sort, columns } = view.store.getState();
    // An address knows how to leave out what says nothing.
    const query = hrefOf('traces', null, writeQuery({ filter, sort, open: null, columns })).split('?')[1] ?? '';
    views.save(name, query);
    setName('');
  };
  const show = (query: string) => {
    const { filter, sort, columns } = readQuery(new URLSearchParams(query));
    view.apply({ filter, sort, columns });
  };
  return (
    <Pill
      title={say('views.title')}
      label={
        <>
          <Bookmark size={16} aria-hidden="true" />
          {say('views.title')}
        </>
      }
    >
      {saved.length === 0 && <p className="note">{say('views.none')}</p>}
      <ul className="saved-views">
        {saved.map((one) => (
          <li key={one.name}>
            <button type="button" className="quiet" onClick={() => show(one.query)}>
              {one.name}
            </button>
            <button
              type="button"
              className="quiet"
              aria-label={say('views.remove', { name: one.name })}
              onClick={() => views.remove(one.name)}
            >
              <X size={16} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <form className="actions" onSubmit={save}>
        <input
          type="text"
          aria-label={say('views.name')}
          placeholder={say('views.name')}
          maxLength={80}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <button type="submit" disabled={name.trim() === ''}>
          {say('views.save')}
        </button>
      </form>
    </Pill>
  );
}
