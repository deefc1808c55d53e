// Conversations that were saved: read, delete (with undo), take home as JSONL.
import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { examplesAsJsonl, type SavedExample } from '../../store/examples';
import { useScreenWords } from '../i18n/screenWords';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { download } from '../ui/download';
import { Mark } from '../ui/Mark';
import { words } from './words';

function ExampleRow({ example, onDelete }: { example: SavedExample; onDelete(): void }) {
  const w = useScreenWords(words);
  const of = (role: string) => example.messages.filter((message) => message.role === role);
  const [prompt = ''] = of('user').map(({ content }) => content);
  const [first = '', second = ''] = of('assistant').map(({ content }) => content);
  return (
    <tr>
      <th scope="row" className="model-text">
        {prompt}
      </th>
      {[first, second].map((text, i) => (
        <td key={i === 0 ? 'first' : 'second'} className="model-text">
          {example.right[i] !== undefined && <Mark right={example.right[i]} />} {text}
        </td>
      ))}
      <td>
        <button type="button" className="quiet" onClick={onDelete}>
          {w('examples.delete')}
          <span className="visually-hidden"> {prompt}</span>
        </button>
      </td>
    </tr>
  );
}

export function SavedExamples() {
  const w = useScreenWords(words);
  const { t, format } = useWords();
  const studio = useStudio();
  const examples = useStudioState((state) => state.examples);
  const [fault, setFault] = useState<string | null>(null);
  const [deleted, setDeleted] = useState<SavedExample | null>(null);
  useEffect(() => {
    studio.examples.refresh().catch((error: Error) => setFault(error.message));
  }, [studio]);
  const remove = async (example: SavedExample) => {
    await studio.examples.remove(example.id);
    setDeleted(example);
  };
  const putBack = async (example: SavedExample) => {
    await studio.examples.putBack(example);
    setDeleted(null);
  };
  const count = examples?.length ?? 0;
  return (
    <section className="saved-examples" aria-labelledby="examples-title">
      <h3 id="examples-title">{w('examples.title')}</h3>
      {fault && (
        <p className="needs-you">
          {w('examples.unreadable')} <span lang="en">{fault}</span>
        </p>
      )}
      <p className="note" role="status">
        {count === 0 && !fault && w('examples.empty')}
        {count === 1 && w('examples.countOne')}
        {count > 1 && w('examples.count', { n: format.number(count) })}
        {deleted && ` ${w('examples.deleted')} `}
        {deleted && (
          <button type="button" className="quiet" onClick={() => void putBack(deleted)}>
            {w('examples.undo')}
          </button>
        )}
      </p>
      {examples && count > 0 && (
        <>
          <div className="actions">
            <button
              type="button"
              onClick={() =>
                download('second-thought-examples.jsonl', examplesAsJsonl(examples), 'application/x-ndjson')
              }
            >
              <Download size={16} aria-hidden="true" />
              {w('examples.download')}
            </button>
            <span className="note">{w('examples.downloadHelp')}</span>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className="table-scroll" tabIndex={0} aria-label={w('examples.title')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('problem.label')}</th>
                  <th scope="col">{t('attempt.first')}</th>
                  <th scope="col">{t('attempt.second')}</th>
                  <th scope="col">
                    <span className="visually-hidden">{w('examples.actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {examples.map((example) => (
                  <ExampleRow key={example.id} example={example} onDelete={() => void remove(example)} />
                ))}
              </tbody>
            </table>
          </section>
        </>
      )}
    </section>
  );
}
