// The samples that are shown, as a file. Written piece by piece; it can be stopped, and goes on when the panel is closed.
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ExportFormat, RunColumns, TraceWriter } from '../../store/traceExport';
import { csvWriter, exportTraces, jsonlWriter } from '../../store/traceExport';
import type { TraceView } from '../../store/traceView';
import { download } from '../ui/download';
import { ErrorPanel } from '../ui/ErrorPanel';
import { Pill } from '../ui/Pill';
import { useTraceWords } from './columnWords';
import { useViewState } from './useTraceView';

const FORMATS = ['jsonl', 'csv', 'parquet'] as const satisfies readonly ExportFormat[];
const types: Record<ExportFormat, string> = {
  jsonl: 'application/jsonl',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
};

async function writerFor(format: ExportFormat, runId: string, columns: RunColumns): Promise<TraceWriter> {
  if (format === 'jsonl') return jsonlWriter(runId);
  if (format === 'csv') return csvWriter(runId, columns);
  const { parquetWriter } = await import('../../store/traceParquet');
  return parquetWriter(runId, columns);
}

type Outcome = { share: number } | { written: number; bytes: number } | { fault: string } | null;

/** Progress is drawn at most ten times a second. */
const PULSE_MS = 100;

export function ExportMenu({ view, runId }: { view: TraceView; runId: string }) {
  const { say, format } = useTraceWords();
  const count = useViewState(view, (state) => state.order.length);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const going = useRef<AbortController | null>(null);
  useEffect(() => () => going.current?.abort(), []);

  const write = async (kind: ExportFormat) => {
    const stop = new AbortController();
    going.current = stop;
    setOutcome({ share: 0 });
    let drawn = 0;
    try {
      const { table, order } = view.store.getState();
      const done = await exportTraces({
        table,
        rows: order,
        read: (key) => view.reader.chunk(key),
        writer: await writerFor(kind, runId, table),
        type: types[kind],
        signal: stop.signal,
        onProgress(at, total) {
          if (performance.now() - drawn < PULSE_MS) return;
          drawn = performance.now();
          setOutcome({ share: at / total });
        },
      });
      if (!done) return setOutcome(null);
      download(`traces-${runId.slice(0, 8)}.${kind}`, done.blob, types[kind]);
      setOutcome({ written: done.written, bytes: done.blob.size });
    } catch (error) {
      setOutcome({ fault: error instanceof Error ? error.message : String(error) });
    }
  };

  const isGoing = outcome !== null && 'share' in outcome;
  const label = isGoing ? say('export.going', { share: format.percent(outcome.share, 0) }) : say('export.title');
  return (
    <Pill
      title={say('export.title')}
      label={
        <>
          <Download size={16} aria-hidden="true" />
          {label}
        </>
      }
    >
      <p>{say('export.what', { n: format.number(count) })}</p>
      {FORMATS.map((kind) => (
        <button key={kind} type="button" disabled={isGoing || count === 0} onClick={() => void write(kind)}>
          {say(`export.${kind}`)}
        </button>
      ))}
      {isGoing && (
        <div className="actions">
          <progress max={1} value={outcome.share} aria-label={label} />
          <button type="button" className="quiet" onClick={() => going.current?.abort()}>
            {say('export.cancel')}
          </button>
        </div>
      )}
      <p className="note" role="status">
        {outcome && 'written' in outcome
          ? say('export.done', { n: format.number(outcome.written), size: format.megabytes(outcome.bytes) })
          : ''}
      </p>
      {outcome && 'fault' in outcome && (
        <ErrorPanel title={say('export.failed')} error={{ kind: 'storage', message: outcome.fault }} />
      )}
    </Pill>
  );
}
