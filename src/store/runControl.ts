// Starting, pausing, stepping, resuming, stopping runs, and the runs that are stored.
import type { CheckpointSlot } from '../protocol/checkpoint';
import { StudioError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';
import { episodesOf, expandTrace } from '../protocol/expandTrace';
import type { RunRequest } from '../protocol/runForm';
import type { Trace } from '../protocol/trace';
import type { StudioCore } from './connection';
import { createFollowing } from './following';
import type { Library, StoredRunData } from './library';
import { type AlertState, alertsOf } from './runAlerts';
import { RunSeries } from './runSeries';
import { newRunView, type RunView, type RunWish, runAtStart } from './runSlice';
import { isModelReady } from './studioState';

export interface RunControl {
  /** The lesson's run: recipe `score` with its defaults, for `options.minutes` (or `options.steps`). */
  practise(): void;
  /** Any other run. */
  start(request: RunRequest): void;
  pause(): void;
  step(): void;
  /** Goes on, also with a run that is only stored (its last checkpoint is loaded first). */
  resume(): void;
  stop(): void;
  /** Shows a stored run: its curve, its result, its samples. @returns whether it is there */
  show(runId: string): Promise<boolean>;
  /** A stored run to look at beside the one on screen; null when there is none of that name. */
  read(runId: string): Promise<ReadRun | null>;
  /** Continues a stored run from a checkpoint, left out = the last. What came after it is forgotten. */
  continueStored(runId: string, slot?: CheckpointSlot): Promise<void>;
  remove(runId: string): void;
  /** Resolves when it is no longer stored; rejects with the reason. */
  removeNow(runId: string): Promise<void>;
  /** Nothing is on screen any more. */
  showNone(): void;
  /** Reads the list of stored runs again. */
  refresh(): Promise<void>;
}

/** A stored run with all that its charts are drawn from. */
export interface ReadRun {
  run: RunView;
  series: RunSeries;
  alerts: AlertState;
}

/** @param mine the run that this tab's worker holds */
function viewOf(stored: StoredRunData, mine: string | null): RunView {
  const last = stored.rows.at(-1);
  const { held = false, interrupted = false, traces = null } = stored;
  const live = mine === stored.config.id;
  return {
    ...newRunView(stored.config),
    // What nobody holds waits to be resumed.
    status: stored.status === 'running' && !held ? 'paused' : stored.status,
    step: stored.step,
    stages: stored.stages,
    evaluations: stored.evaluations.filter((evaluation) => evaluation.slice === 'validation'),
    secondsElapsed: last?.seconds ?? 0,
    tokens: last?.tokens ?? 0,
    checkpointStep: stored.checkpointStep,
    bestStep: stored.bestStep ?? null,
    result: stored.result,
    traces,
    interrupted,
    elsewhere: held && !live,
    stopReason: stored.stopReason ?? null,
    live,
  };
}

/** A sample of the last step to look at until the run goes on: a correction that worked, where there is one. */
async function storedSample(library: Library, runId: string, step: number): Promise<Trace | null> {
  const chunks = await library.readTraces(runId, step).catch(() => []);
  const chunk = chunks.find(({ kind }) => kind === 'train');
  if (!chunk || chunk.episodes === 0) return null;
  return expandTrace(chunk, episodesOf(chunk, 'i_to_c')[0] ?? 0);
}

function changesList({ type }: StudioEvent): boolean {
  return ['run.started', 'run.paused', 'run.stopped', 'run.finished', 'run.failed'].includes(type);
}

export function createRunControl(core: StudioCore): RunControl {
  const { port, store, library, notes, options } = core;
  const setWish = (wish: RunWish) => store.setState({ run: { ...store.getState().run, wish, startError: null } });

  async function refresh(): Promise<void> {
    const [stored, labels] = await Promise.all([library.listRuns(), notes.listLabels()]);
    const byRun = new Map(labels.map((label) => [label.runId, label]));
    const storedRuns = stored
      .map((run) => ({ ...run, label: byRun.get(run.config.id) ?? null }))
      .filter(({ label }) => !label?.deletedAt);
    store.setState({ storedRuns });
  }

  async function read(runId: string): Promise<ReadRun | null> {
    const stored = await library.readRun(runId);
    if (!stored) return null;
    const series = new RunSeries();
    for (const row of stored.rows) series.append(row);
    const run = viewOf(stored, store.getState().run.mine);
    return { run, series, alerts: alertsOf(stored.rows, run.evaluations) };
  }

  async function show(runId: string): Promise<boolean> {
    // Listens before it reads: what another tab does meanwhile is not missed.
    const watch = following.watch(runId);
    const found = await read(runId);
    if (!found) {
      following.leave();
      return false;
    }
    const { run, series, alerts } = found;
    const { mine } = store.getState().run;
    store.setState({ run: { run, wish: null, startError: null, mine }, alerts });
    core.replaceSeries(series);
    if (run.elsewhere) watch.follow();
    else following.leave();
    const sample = await storedSample(library, runId, run.step);
    const shown = store.getState().run;
    if (sample && shown.run?.config.id === runId && shown.run.sample === null) {
      store.setState({ run: { ...shown, run: { ...shown.run, sample } } });
    }
    return true;
  }

  /** The worker loads the checkpoint and waits, paused; only then is it told to go on. */
  function restoreThenResume(runId: string, slot: CheckpointSlot = 'last'): void {
    // The page shows a wish a moment later: a second click means the same.
    if (store.getState().run.wish === 'restore') return;
    setWish('restore');
    void core
      .waitFor((event) => {
        if (event.type === 'worker.failed') return 'gone';
        if (event.type === 'run.failed') return 'gone';
        return event.type === 'run.paused' && event.runId === runId ? 'ready' : null;
      })
      .then((outcome) => {
        if (outcome === 'ready') port.post({ type: 'run.resume' });
      });
    port.post({ type: 'run.restore', runId, slot });
  }

  /** The tab that was at work on the watched run has let it go. */
  async function goOnAfter(runId: string, hasHeardIt: boolean): Promise<void> {
    await Promise.all([show(runId), refresh()]);
    const { run } = store.getState();
    if (run.run?.config.id !== runId || !hasHeardIt || !run.run.interrupted) return;
    if (run.mine !== null || run.wish !== null || !isModelReady(store.getState())) return;
    // It was practising and ended without a word: this tab takes over.
    restoreThenResume(runId);
    const tookOverAt = run.run.checkpointStep ?? 0;
    const now = store.getState().run;
    if (now.run) store.setState({ run: { ...now, run: { ...now.run, tookOverAt } } });
  }

  const following = createFollowing(core, {
    onHeard(event) {
      if (changesList(event)) void refresh();
    },
    onLetGo: goOnAfter,
  });

  // The list follows what happens to runs, and a run that ends is kept by the worker before it says so.
  port.onEvent((event) => {
    if (event.type === 'run.started') following.leave();
    if (changesList(event)) void refresh();
  });

  return {
    practise() {
      setWish('start');
      port.post({
        type: 'run.start',
        recipe: 'score',
        settings: options.settings,
        seed: options.seed ?? Math.floor(Math.random() * 2 ** 30),
        minutes: options.steps === null ? options.minutes : null,
        steps: options.steps,
        evaluation: options.evaluation,
        ...(options.checkpointEvery !== null && { checkpointEvery: options.checkpointEvery }),
      });
    },
    start(request) {
      setWish('start');
      port.post({ type: 'run.start', ...request });
    },
    pause() {
      setWish('pause');
      port.post({ type: 'run.pause' });
    },
    step() {
      setWish('step');
      port.post({ type: 'run.step' });
    },
    resume() {
      const run = store.getState().run.run;
      if (!run) return;
      if (!run.live) return restoreThenResume(run.config.id);
      setWish('resume');
      port.post({ type: 'run.resume' });
    },
    stop() {
      setWish('stop');
      port.post({ type: 'run.stop' });
    },
    show,
    read,
    async continueStored(runId, slot) {
      if (store.getState().run.run?.config.id !== runId) await show(runId);
      restoreThenResume(runId, slot);
    },
    async removeNow(runId) {
      const answer = core.waitFor((event) => {
        if (event.type === 'run.deleted' && event.runId === runId) return { refused: null };
        return event.type === 'storage.failed' || event.type === 'worker.failed' ? { refused: event.error } : null;
      });
      this.remove(runId);
      const { refused } = await answer;
      if (refused) throw new StudioError(refused.kind, refused.message);
    },
    showNone() {
      following.leave();
      store.setState({ run: runAtStart });
    },
    remove(runId) {
      port.post({ type: 'run.delete', runId });
      const { run } = store.getState();
      store.setState({
        storedRuns: store.getState().storedRuns.filter((stored) => stored.config.id !== runId),
        run: run.run?.config.id === runId ? { ...runAtStart, mine: run.mine } : run,
      });
    },
    refresh,
  };
}
