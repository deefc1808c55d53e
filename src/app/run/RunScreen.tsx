// One run: where it is, what to look at, its curves, and what it was started with. `#/run/<id>`; without an id, the run on
// screen (the newest, when the page was just opened).
import { useCallback, useEffect, useMemo, useState } from 'react';
import { formOfRun } from '../../protocol/runForm';
import type { ReadRun } from '../../store/runControl';
import { isRunActive } from '../../store/studioState';
import { CursorProvider, useCursor } from '../charts/chartCursor';
import { hrefOfComparison } from '../compare/compareChoice';
import { words as compareWords } from '../compare/words';
import { useScreenWords } from '../i18n/screenWords';
import { RunControls } from '../lesson/RunControls';
import { RunNotices } from '../lesson/RunNotices';
import { RunProgress } from '../lesson/RunProgress';
import { hrefOf, replaceQuery, usePlace } from '../place';
import { useStudio, useStudioState, useWords } from '../studioContext';
import { InTurn } from '../ui/InTurn';
import { SettingsBar, SettingsContext, useChartSettings } from './chartSettings';
import { AllMetrics, Overview } from './Panels';
import { RunAlerts } from './RunAlerts';
import { RunConfigView } from './RunConfigView';
import { RunKeeping } from './RunKeeping';
import { type RunSource, RunSourceContext, useRunView } from './runSource';
import { words } from './words';
import './run.css';

type Found = { id: string; run: ReadRun | null };

/** The run the address names: made the one on screen when nothing practises, else read to be looked at beside it. */
function useNamedRun(id: string | null): { source: RunSource | null; isMissing: boolean } {
  const studio = useStudio();
  const onScreen = useStudioState((state) => state.run.run?.config ?? null);
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    const state = studio.store.getState();
    if (id === null || state.run.run?.config.id === id) return;
    let isGone = false;
    const read = isRunActive(state)
      ? studio.runs.read(id).then((run) => ({ id, run }))
      : studio.runs.show(id).then((isThere) => (isThere ? null : { id, run: null }));
    void read.then((result) => {
      if (!isGone) setFound(result);
    });
    return () => {
      isGone = true;
    };
  }, [id, studio]);
  const stored = found !== null && found.id === id ? found.run : null;
  const isOnScreen = onScreen !== null && (id === null || onScreen.id === id);
  const config = isOnScreen ? onScreen : (stored?.run.config ?? null);
  const source = useMemo(
    () => (config ? { runId: config.id, config, stored: isOnScreen ? null : stored } : null),
    [config, isOnScreen, stored],
  );
  return { source, isMissing: !source && found?.id === id && found?.run === null };
}

function Nothing({ isMissing, id }: { isMissing: boolean; id: string | null }) {
  const word = useScreenWords(words);
  if (isMissing) {
    return (
      <p className="needs-you">
        {word('missing')} <a href={hrefOf('run')}>{word('missing.newest')}</a>
      </p>
    );
  }
  if (id !== null) return <p className="note">{word('reading')}</p>;
  return (
    <div className="run-empty">
      <p className="lead">{word('empty')}</p>
      <p>
        <a href="#practise">{word('empty.lesson')}</a> · <a href={hrefOf('studio')}>{word('empty.studio')}</a>
      </p>
    </div>
  );
}

function Head({ source }: { source: RunSource }) {
  const word = useScreenWords(words);
  const c = useScreenWords(compareWords);
  const { format } = useWords();
  const { query } = usePlace();
  const { setup } = useStudio();
  const step = query.get('step');
  const status = useRunView((run) => run.status);
  const name = useStudioState(
    (state) => state.storedRuns.find(({ config }) => config.id === source.runId)?.label?.name,
  );
  const recipe = useStudioState((state) => state.recipes.find(({ id }) => id === source.config.recipe));
  return (
    <header className="run-head">
      <h2 id="run-title">{name || word('title.of', { date: format.date(source.config.createdAt) })}</h2>
      <nav aria-label={word('title')}>
        <a href={hrefOf('traces', source.runId, { step })}>{word('link.traces')}</a>
        <a href={hrefOfComparison([source.runId])}>{c('link.run')}</a>
        {recipe && (
          <a href={hrefOf('studio')} onClick={() => setup.change(formOfRun(source.config, recipe.fields))}>
            {word('link.studio')}
          </a>
        )}
      </nav>
      {source.stored ? (
        <p className="needs-you">
          {word('other')} <a href={hrefOf('run')}>{word('other.show')}</a>
        </p>
      ) : (
        <>
          <RunNotices />
          {status && <RunProgress controls={<RunControls />} />}
        </>
      )}
      <RunKeeping />
    </header>
  );
}

/** The step that the address names. */
function pinnedIn(query: URLSearchParams): number | null {
  const step = query.get('step');
  return step !== null && Number.isInteger(Number(step)) ? Number(step) : null;
}

function Body({ source }: { source: RunSource }) {
  const studio = useStudio();
  const word = useScreenWords(words);
  const cursor = useCursor();
  const settings = useChartSettings();
  const { runId, config } = source;
  const newest = useRunView((run) => run.evaluations.at(-1)?.step);
  const open = useCallback(
    (step: number) => {
      cursor.setState({ pinned: step });
      replaceQuery({ step });
      void studio.openSamples(runId, step);
    },
    [studio, runId, cursor],
  );
  // An address that names another step moves the cursor there; following the run again is said in the address too.
  const given = pinnedIn(usePlace().query);
  useEffect(() => {
    if (given !== null) cursor.setState({ pinned: given });
  }, [given, cursor]);
  useEffect(
    () =>
      cursor.subscribe((now, before) => {
        if (now.pinned === null && before.pinned !== null) replaceQuery({ step: null });
      }),
    [cursor],
  );
  return (
    <SettingsContext value={settings}>
      <Head source={source} />
      <RunAlerts />
      <SettingsBar newest={newest} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only ends hovering; every action has its own control */}
      <div className="run-charts" onMouseLeave={() => cursor.setState({ hovered: null })}>
        <InTurn instead={<div className="screen-turn" />}>
          <Overview totalSteps={config.totalSteps} onOpen={open} />
        </InTurn>
        <p className="note">{word('chartHelp')}</p>
        <InTurn>
          <AllMetrics totalSteps={config.totalSteps} onOpen={open} />
        </InTurn>
      </div>
      <InTurn>
        <RunConfigView />
      </InTurn>
    </SettingsContext>
  );
}

export default function RunScreen() {
  const place = usePlace();
  const { source, isMissing } = useNamedRun(place.id);
  const word = useScreenWords(words);
  if (!source) {
    return (
      <section className="run-screen" aria-labelledby="run-title">
        <h2 id="run-title">{word('title')}</h2>
        <Nothing isMissing={isMissing} id={place.id} />
      </section>
    );
  }
  return (
    <RunSourceContext value={source}>
      {/* Another run is another set of charts: nothing of the one before is kept. */}
      <CursorProvider key={source.runId} pinned={pinnedIn(place.query)}>
        <section className="run-screen" aria-labelledby="run-title">
          <Body source={source} />
        </section>
      </CursorProvider>
    </RunSourceContext>
  );
}
