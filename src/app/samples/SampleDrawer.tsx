// The samples of one step: which were measured or learnt from, filtered by flip, and one of them opened to its tokens.
// A native dialog: it keeps the focus inside, closes with Escape and gives the focus back.
import { ArrowLeft, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { countFlips, episodesOf, expandTrace } from '../../protocol/expandTrace';
import type { FlipClass, TraceChunk } from '../../protocol/trace';
import { useStageWords } from '../lesson/stageWords';
import { hrefOf } from '../place';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { Segments } from '../ui/Segments';
import { SampleDetail } from './SampleDetail';
import { SampleList } from './SampleList';
import { flipKeys } from './sampleWords';

const kindKeys = {
  train: 'samples.kind.train',
  eval_greedy: 'samples.kind.greedy',
  eval_sampled: 'samples.kind.sampled',
} as const satisfies Record<TraceChunk['kind'], string>;

const flips: readonly FlipClass[] = ['i_to_c', 'c_to_i', 'c_to_c', 'i_to_i'];

function ChunkView({ chunk }: { chunk: TraceChunk }) {
  const { t, format } = useWords();
  const [flip, setFlip] = useState<FlipClass | 'all'>('all');
  const [opened, setOpened] = useState<number | null>(null);
  const counts = useMemo(() => countFlips(chunk), [chunk]);
  const episodes = useMemo(() => episodesOf(chunk, flip === 'all' ? null : flip), [chunk, flip]);
  if (opened !== null) {
    const place = episodes.indexOf(opened);
    const go = (by: number) => setOpened(episodes[(place + by + episodes.length) % episodes.length]);
    return (
      <>
        <div className="actions">
          <button type="button" className="quiet" onClick={() => setOpened(null)}>
            <ArrowLeft size={16} aria-hidden="true" />
            {t('samples.back')}
          </button>
          <button type="button" className="quiet" onClick={() => go(-1)}>
            {t('samples.previous')}
          </button>
          <button type="button" className="quiet" onClick={() => go(1)}>
            {t('samples.next')}
          </button>
          <span className="note">
            {t('samples.place', { place: format.number(place + 1), count: format.number(episodes.length) })}
          </span>
        </div>
        <SampleDetail trace={expandTrace(chunk, opened)} />
      </>
    );
  }
  return (
    <>
      {chunk.attempts === 2 && (
        <Segments<FlipClass | 'all'>
          label={t('samples.filter')}
          options={[
            { value: 'all', label: t('samples.all', { n: format.number(chunk.episodes) }) },
            ...flips.map((value) => ({ value, label: `${t(flipKeys[value])} ${format.number(counts[value])}` })),
          ]}
          value={flip}
          onChange={setFlip}
        />
      )}
      {episodes.length === 0 ? (
        <p className="note">{t('samples.noneOfFlip')}</p>
      ) : (
        <SampleList key={flip} chunk={chunk} episodes={episodes} onOpen={setOpened} />
      )}
    </>
  );
}

export default function SampleDrawer() {
  const { t, format } = useWords();
  const { nameOf } = useStageWords();
  const studio = useStudio();
  const samples = useStudioState((state) => state.samples);
  const dialog = useRef<HTMLDialogElement>(null);
  const [kind, setKind] = useState<TraceChunk['kind'] | null>(null);
  const isOpen = samples !== null;
  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
  }, [isOpen]);
  if (!samples) return null;
  const chunk = samples.chunks.find((candidate) => candidate.kind === kind) ?? samples.chunks[0];
  return (
    <dialog
      ref={dialog}
      className="drawer"
      aria-labelledby="samples-title"
      onClose={studio.closeSamples}
      onClick={(event) => {
        // A click on the backdrop reaches the dialog itself, never one of its children.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div className="drawer-body">
        <header>
          <h2 id="samples-title">{t('samples.title', { step: format.number(samples.step) })}</h2>
          <span className="actions">
            <a
              href={hrefOf('traces', samples.runId, { step: samples.step })}
              className="note"
              onClick={() => dialog.current?.close()}
            >
              {t('samples.inTraces')}
            </a>
            <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
              <X size={16} aria-hidden="true" />
              {t('samples.close')}
            </button>
          </span>
        </header>
        {samples.status === 'loading' && <p className="note">{t('samples.loading')}</p>}
        {samples.status === 'failed' && (
          <p className="needs-you">
            {t('samples.failed')} <span lang="en">{samples.error}</span>
          </p>
        )}
        {samples.status === 'ready' && !chunk && <p className="note">{t('samples.none')}</p>}
        {chunk && (
          <>
            <p className="note">
              {t('samples.about', { stage: nameOf(chunk.stage), n: format.number(chunk.episodes) })}
            </p>
            {samples.chunks.length > 1 && (
              <Segments<TraceChunk['kind']>
                label={t('samples.kind')}
                options={samples.chunks.map((other) => ({ value: other.kind, label: t(kindKeys[other.kind]) }))}
                value={chunk.kind}
                onChange={setKind}
              />
            )}
            <ChunkView key={`${samples.step} ${chunk.kind}`} chunk={chunk} />
          </>
        )}
      </div>
    </dialog>
  );
}
