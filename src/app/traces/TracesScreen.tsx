// Every sample of every step of a run: filtered and sorted on the left, the opened one on the right. The address says all of it.

import { useEffect, useState } from 'react';
import type { TraceView } from '../../store/traceView';
import { goTo, hrefOf, usePlace } from '../place';
import { useStudioState } from '../studioContext';
import { ErrorPanel } from '../ui/ErrorPanel';
import { InTurn } from '../ui/InTurn';
import { ColumnsMenu } from './ColumnsMenu';
import { useTraceWords } from './columnWords';
import { ExportMenu } from './ExportMenu';
import { FilterBar } from './FilterBar';
import './traces.css';
import { NewSteps } from './NewSteps';
import { RoomLine } from './RoomLine';
import { TraceWork } from './TraceWork';
import { useTraceView, useViewState } from './useTraceView';
import { ViewsMenu } from './ViewsMenu';

function RunChoice({ runId }: { runId: string }) {
  const { say, format } = useTraceWords();
  const runs = useStudioState((state) => state.storedRuns);
  const isKept = runs.some(({ config }) => config.id === runId);
  if (runs.length === 0) return null;
  return (
    <label className="field">
      <span className="visually-hidden">{say('run.choose')}</span>
      <select value={runId} onChange={({ target }) => goTo(hrefOf('traces', target.value))}>
        {!isKept && <option value={runId}>–</option>}
        {runs.map(({ config, label }) => (
          <option key={config.id} value={config.id}>
            {label?.name ? `${label.name} · ` : ''}
            {format.date(config.createdAt)} · {config.recipe} · {config.seed}
          </option>
        ))}
      </select>
    </label>
  );
}

function Reading({ view }: { view: TraceView }) {
  const { say, format } = useTraceWords();
  const reading = useViewState(view, (state) => state.reading);
  const done = format.number(reading?.done ?? 0);
  const total = format.number(reading?.total ?? 0);
  return (
    <p className="note" role="status">
      {say(reading?.building ? 'building' : 'reading', { done, total })}{' '}
      {reading && <progress max={reading.total} value={reading.done} aria-hidden="true" />}
    </p>
  );
}

/** Methods without rollouts have no samples of practice: said, so that nobody looks for them. */
function GivenTexts({ runId }: { runId: string }) {
  const { say } = useTraceWords();
  const isGiven = useStudioState(({ run, storedRuns, recipes }) => {
    const configs = [run.run?.config, ...storedRuns.map(({ config }) => config)];
    const recipe = configs.find((config) => config?.id === runId)?.recipe;
    return recipes.some(({ id, givenTexts }) => id === recipe && givenTexts === true);
  });
  return isGiven ? <p className="note">{say('given')}</p> : null;
}

function RunTraces({ runId }: { runId: string }) {
  const { say } = useTraceWords();
  const view = useTraceView(runId);
  const status = useViewState(view, (state) => state.status);
  const isReading = useViewState(view, (state) => state.reading !== null);
  const rows = useViewState(view, (state) => state.table.rows);
  const error = useViewState(view, (state) => state.error);
  return (
    <>
      <div className="traces-run">
        <RunChoice runId={runId} />
        {rows > 0 && <RoomLine view={view} runId={runId} />}
        <NewSteps view={view} runId={runId} />
        {rows > 0 && (
          <span className="traces-tools">
            <InTurn>
              <ColumnsMenu view={view} />
              <ViewsMenu view={view} />
              <ExportMenu view={view} runId={runId} />
            </InTurn>
          </span>
        )}
      </div>
      <GivenTexts runId={runId} />
      {isReading && <Reading view={view} />}
      {error !== null && (
        <ErrorPanel title={say('failed')} error={{ kind: 'storage', message: error }}>
          <button type="button" onClick={() => void view.load()}>
            {say('again')}
          </button>
        </ErrorPanel>
      )}
      {status === 'ready' && rows === 0 && (
        <div className="traces-none">
          <p>{say('run.gone')}</p>
          <p className="note">{say('run.gone.way')}</p>
          <a className="button" href={hrefOf('lesson')}>
            {say('run.none.link')}
          </a>
        </div>
      )}
      {rows > 0 && (
        <>
          <InTurn>
            <FilterBar view={view} />
          </InTurn>
          <InTurn>
            <TraceWork view={view} runId={runId} />
          </InTurn>
        </>
      )}
    </>
  );
}

/** The list of runs is read when the page opens: an empty screen waits for it a moment. */
const LISTED_AFTER_MS = 600;

/** A link must name the run: tomorrow another one may be the newest. */
function useNamedRun(runId: string | null): void {
  const { id, query } = usePlace();
  useEffect(() => {
    if (id !== null || runId === null) return;
    window.history.replaceState(null, '', hrefOf('traces', runId, Object.fromEntries(query)));
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  }, [id, runId, query]);
}

export default function TracesScreen() {
  const { say } = useTraceWords();
  const { id } = usePlace();
  const [isListed, setIsListed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsListed(true), LISTED_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const onScreen = useStudioState((state) => state.run.run?.config.id ?? null);
  const newest = useStudioState((state) => state.storedRuns[0]?.config.id ?? null);
  const runId = id ?? onScreen ?? newest;
  useNamedRun(runId);
  return (
    <section className="traces" aria-labelledby="traces-title">
      <header className="traces-title">
        <h2 id="traces-title">{say('title')}</h2>
        <p className="note">{say('intro')}</p>
      </header>
      {runId === null && isListed && (
        <div className="traces-none">
          <p>{say('run.none')}</p>
          <p className="note">{say('run.none.way')}</p>
          <a className="button" href={hrefOf('lesson')}>
            {say('run.none.link')}
          </a>
        </div>
      )}
      {runId !== null && (
        <InTurn key={runId}>
          <RunTraces runId={runId} />
        </InTurn>
      )}
    </section>
  );
}
