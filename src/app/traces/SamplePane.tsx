// The opened sample: the dial, what changed between the attempts, every reward term and token, what the model saw, relatives.
import { Link, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { parsePrompt } from '../../lib/dialProblem';
import { expandTrace } from '../../protocol/expandTrace';
import type { TraceChunk } from '../../protocol/trace';
import { rowOf, type SampleName } from '../../store/traceTable';
import type { TraceView } from '../../store/traceView';
import { Dial } from '../lesson/Dial';
import { SampleDetail } from '../samples/SampleDetail';
import { judgedView } from '../samples/sampleWords';
import { DiffText } from '../ui/DiffText';
import { kindKeys, useTraceWords } from './columnWords';
import { OtherSamples } from './OtherSamples';
import { SeenTokens } from './SeenTokens';
import { useViewState } from './useTraceView';

/** The chunk of the opened sample; `undefined` while it is read, null when it is not stored any more. */
function useChunk(view: TraceView, { step, kind }: SampleName): TraceChunk | null | undefined {
  const [read, setRead] = useState<{ of: string; chunk: TraceChunk | null } | null>(null);
  const of = `${step} ${kind}`;
  useEffect(() => {
    let isCurrent = true;
    const take = (chunk: TraceChunk | null) => {
      if (isCurrent) setRead({ of, chunk });
    };
    view.reader.chunk({ step, kind }).then(take, () => take(null));
    return () => {
      isCurrent = false;
    };
  }, [view, of, step, kind]);
  return read?.of === of ? read.chunk : undefined;
}

function CopyLink() {
  const { say, t } = useTraceWords();
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      setSaid(say('sample.linked'));
    } catch {
      setSaid(t('chart.copyRefused'));
    }
  };
  return (
    <>
      <button type="button" className="quiet" onClick={() => void copy()}>
        <Link size={16} aria-hidden="true" />
        {say('sample.link')}
      </button>
      <span role="status" className="note">
        {said}
      </span>
    </>
  );
}

function Sample({ chunk, episode }: { chunk: TraceChunk; episode: number }) {
  const { say } = useTraceWords();
  const trace = useMemo(() => expandTrace(chunk, episode), [chunk, episode]);
  const problem = parsePrompt(trace.prompt);
  const [first, second] = trace.attempts;
  return (
    <>
      <SampleDetail trace={trace}>
        {problem && (
          <div className="trace-dial">
            <Dial numbers={problem.numbers} attempts={trace.attempts.map(judgedView)} />
          </div>
        )}
        {second && (
          <DiffText
            before={first.text}
            after={second.text}
            title={say('diff.title')}
            same={say('diff.same')}
            gone={say('diff.gone')}
            came={say('diff.came')}
          />
        )}
      </SampleDetail>
      <SeenTokens chunk={chunk} episode={episode} />
    </>
  );
}

interface SamplePaneProps {
  view: TraceView;
  open: SampleName;
  /** Place in the list; −1 when it is not among those shown. */
  place: number;
  /** Opens the sample at a place in the list. */
  onGo(place: number): void;
  onClose(): void;
}

export function SamplePane({ view, open, place, onGo, onClose }: SamplePaneProps) {
  const { say, t, format } = useTraceWords();
  const table = useViewState(view, (state) => state.table);
  const count = useViewState(view, (state) => state.order.length);
  const chunk = useChunk(view, open);
  const row = rowOf(table, open);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a narrow screen the sample takes the place of the list, and of its focus.
    if (!matchMedia('(max-width: 900px)').matches) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'start' });
  }, []);
  const where = {
    kind: say(kindKeys[open.kind]),
    step: format.number(open.step),
    sample: format.number(open.sample),
  };
  const isThere = row >= 0 && chunk && open.sample < chunk.episodes;
  return (
    <section className="trace-pane" aria-label={say('sample.name')}>
      <header>
        <h3 ref={heading} tabIndex={-1}>
          {say('sample.where', where)}
        </h3>
        <button type="button" className="quiet" onClick={onClose} aria-label={say('sample.close')}>
          <X size={16} aria-hidden="true" />
          {t('samples.close')}
        </button>
      </header>
      <div className="actions">
        <button type="button" className="quiet" disabled={place <= 0} onClick={() => onGo(place - 1)}>
          {t('samples.previous')}
        </button>
        <button
          type="button"
          className="quiet"
          disabled={place < 0 || place >= count - 1}
          onClick={() => onGo(place + 1)}
        >
          {t('samples.next')}
        </button>
        <span className="note">
          {place >= 0
            ? t('samples.place', { place: format.number(place + 1), count: format.number(count) })
            : say('sample.outside')}
        </span>
        <CopyLink />
      </div>
      {row < 0 && <p className="note">{say('sample.missing')}</p>}
      {row >= 0 && chunk === undefined && <p className="note">{t('samples.loading')}</p>}
      {row >= 0 && chunk === null && <p className="note">{say('sample.gone')}</p>}
      {isThere && <Sample key={`${open.step} ${open.kind} ${open.sample}`} chunk={chunk} episode={open.sample} />}
      {row >= 0 && <OtherSamples view={view} row={row} />}
    </section>
  );
}
