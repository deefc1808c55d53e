// The model that is loaded, or the one that is being loaded: how far, how fast, how long still.
import { MessageSquare, SlidersHorizontal } from 'lucide-react';
import { isRunActive } from '../../store/studioState';
import { useScreenWords } from '../i18n/screenWords';
import { hrefOf } from '../place';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { words } from './words';

function Loading() {
  const w = useScreenWords(words);
  const { t, format } = useWords();
  const studio = useStudio();
  const model = useStudioState((state) => state.model);
  const { loadedBytes, totalBytes, phaseOfLoading, bytesPerSecond, secondsLeft } = model;
  const facts = [
    w(phaseOfLoading ? `load.${phaseOfLoading}` : loadedBytes > 0 ? 'load.fetching' : 'load.waiting'),
    totalBytes !== null && w('load.of', { done: format.bytes(loadedBytes), total: format.bytes(totalBytes) }),
    bytesPerSecond !== null && w('load.speed', { speed: format.bytes(bytesPerSecond) }),
    secondsLeft !== null && w('load.left', { time: format.duration(secondsLeft) }),
  ];
  return (
    <div className="model-loading" role="status">
      <progress
        aria-label={t('model.loading')}
        max={totalBytes ?? 1}
        value={totalBytes === null ? undefined : loadedBytes}
      />
      <p className="note">{facts.filter(Boolean).join(' · ')}</p>
      <button type="button" className="quiet" onClick={studio.models.cancel}>
        {w('load.cancel')}
      </button>
    </div>
  );
}

function Facts() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const info = useStudioState((state) => state.model.info);
  const source = useStudioState((state) => state.model.source);
  if (!info) return null;
  const { parameters, bytes, layers, hidden, vocabulary, architecture, storedAs, maxPositions } = info;
  const rows: [string, string | null][] = [
    [w('use.parameters'), format.compact(parameters)],
    [w('use.memory'), format.bytes(bytes)],
    [w('use.stored'), storedAs ?? null],
    [w('use.architecture'), architecture ?? null],
    [
      w('use.shape'),
      w('use.shapeText', {
        layers: format.number(layers),
        hidden: format.number(hidden),
        vocabulary: format.number(vocabulary),
      }),
    ],
    [
      w('use.positions'),
      maxPositions === undefined ? null : w('use.positionsText', { n: format.number(maxPositions) }),
    ],
  ];
  return (
    <>
      <p className="model-name">{source === 'bundled' ? w('use.bundled') : (info.name ?? info.id)}</p>
      <dl className="model-facts">
        {rows.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {info.kept && <p className="note">{w(info.kept === 'kept' ? 'use.kept' : 'use.refused')}</p>}
    </>
  );
}

export function ModelInUse() {
  const w = useScreenWords(words);
  const studio = useStudio();
  const phase = useStudioState((state) => state.model.phase);
  const source = useStudioState((state) => state.model.source);
  const error = useStudioState((state) => state.model.error);
  const isBusy = useStudioState(isRunActive);
  const toBundled = source !== 'bundled' && (
    <button type="button" className="quiet" disabled={isBusy} onClick={() => studio.loadModel({ kind: 'bundled' })}>
      {w('use.back')}
    </button>
  );
  return (
    <section className="models-part" aria-labelledby="models-use">
      <h3 id="models-use">{w('use.title')}</h3>
      {(phase === 'loading' || phase === 'waiting') && <Loading />}
      {phase === 'failed' && error && (
        <ErrorPanel title={w('load.failed')} error={error}>
          <button type="button" onClick={() => studio.loadModel({ kind: 'bundled' })}>
            {w('use.back')}
          </button>
        </ErrorPanel>
      )}
      {phase === 'ready' && (
        <>
          <Facts />
          <div className="actions">
            <a className="button" href={hrefOf('playground', null, source === 'bundled' ? {} : { view: 'chat' })}>
              <MessageSquare size={16} aria-hidden="true" />
              {w('use.chat')}
            </a>
            <a className="button" href={hrefOf('studio')}>
              <SlidersHorizontal size={16} aria-hidden="true" />
              {w('use.train')}
            </a>
            {toBundled}
          </div>
        </>
      )}
    </section>
  );
}
