// Keeping the open dataset, and what is kept: learn from it, take it home, delete it.
import { Download } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import type { DatasetInfo } from '../../store/datasetsSlice';
import { useScreenWords } from '../i18n/screenWords';
import { hrefOf } from '../place';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { download } from '../ui/download';
import { words } from './words';

export function KeepForm({ suggested }: { suggested: string }) {
  const w = useScreenWords(words);
  const { datasets } = useStudio();
  const [name, setName] = useState(suggested);
  const [outcome, setOutcome] = useState<'saved' | string | null>(null);
  const id = useId();
  const keep = async () => {
    setOutcome(null);
    try {
      await datasets.keep(name.trim() || suggested);
      setOutcome('saved');
    } catch (error) {
      setOutcome(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section className="data-part" aria-labelledby="data-keep">
      <h3 id="data-keep">{w('keep.title')}</h3>
      <div className="keep-row">
        <label htmlFor={id}>{w('keep.name')}</label>
        <input id={id} type="text" maxLength={80} value={name} onChange={({ target }) => setName(target.value)} />
        <button type="button" className="primary" onClick={() => void keep()}>
          {w('keep.save')}
        </button>
      </div>
      <p role="status" className={outcome === null || outcome === 'saved' ? 'note' : 'needs-you'}>
        {outcome === 'saved' && w('kept.saved')}
        {outcome !== null && outcome !== 'saved' && (
          <>
            {w('keep.failed')} <span lang="en">{outcome}</span>
          </>
        )}
      </p>
    </section>
  );
}

function KeptRow({ info }: { info: DatasetInfo }) {
  const w = useScreenWords(words);
  const { format } = useWords();
  const { datasets } = useStudio();
  const [said, setSaid] = useState<{ learned: number } | { fault: string } | null>(null);
  const { train, validation, test } = info.splits;
  const attempt = async (job: () => Promise<void>) => {
    try {
      await job();
    } catch (error) {
      setSaid({ fault: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <li className="kept-row">
      <div>
        <strong>{info.name}</strong>
        <p className="note">
          {w(`kind.${info.kind}`)} ·{' '}
          {w('kept.rows', {
            n: format.number(train + validation + test),
            train: format.number(train),
            validation: format.number(validation),
            test: format.number(test),
          })}
        </p>
        <p role="status" className="note">
          {said && 'learned' in said && (
            <>
              {w('kept.learned', { n: format.number(said.learned) })}{' '}
              <a href={hrefOf('studio')}>{w('kept.toStudio')}</a>
            </>
          )}
          {said && 'fault' in said && <span lang="en">{said.fault}</span>}
        </p>
      </div>
      <div className="actions">
        <button
          type="button"
          onClick={() => void attempt(async () => setSaid({ learned: await datasets.learnFrom(info.id) }))}
        >
          {w('kept.learn')}
          <span className="visually-hidden"> {info.name}</span>
        </button>
        <button
          type="button"
          onClick={() =>
            void attempt(async () =>
              download(`${info.name}.jsonl`, await datasets.rowsOf(info.id), 'application/x-ndjson'),
            )
          }
        >
          <Download size={16} aria-hidden="true" />
          {w('kept.download')}
          <span className="visually-hidden"> {info.name}</span>
        </button>
        <button type="button" className="quiet" onClick={() => void attempt(() => datasets.remove(info.id))}>
          {w('kept.delete')}
          <span className="visually-hidden"> {info.name}</span>
        </button>
      </div>
    </li>
  );
}

export function KeptList() {
  const w = useScreenWords(words);
  const { datasets } = useStudio();
  const kept = useStudioState((state) => state.datasets.kept);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    datasets.refresh().catch((error: Error) => setFault(error.message));
  }, [datasets]);
  return (
    <section className="data-part" aria-labelledby="data-kept">
      <h3 id="data-kept">{w('kept.title')}</h3>
      {fault && (
        <p className="needs-you">
          {w('kept.unreadable')} <span lang="en">{fault}</span>
        </p>
      )}
      {kept?.length === 0 && <p className="note">{w('kept.empty')}</p>}
      {kept && kept.length > 0 && (
        <ul className="kept-list">
          {kept.map((info) => (
            <KeptRow key={info.id} info={info} />
          ))}
        </ul>
      )}
    </section>
  );
}
