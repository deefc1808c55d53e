// Starting, pausing, stepping, resuming, stopping runs, and the runs that are stored.
import type { CheckpointSlot } from '../protocol/checkpoint';
import { episodesOf, expandTrace } from '../protocol/expandTrace';
import type { Trace } from '../protocol/trace';
import type { StudioCore } from './connection';
import type { Library, StoredRunData } from './library';
import { RunSeries } from './runSeries';
import { newRunView, type RunView, type RunWish } from './runSlice';

export interface RunControl {
  /** The lesson's run: recipe `score` with its defaults, for `options.minutes` (or `options.steps`). */
  practise(): void;
  pause(): void;
  step(): void;
  /** Goes on, also with a run that is only stored (its last checkpoint is loaded first). */
  resume(): void;
  stop(): void;
  /** Shows a stored run: its curve, its result, its samples. */
  show(runId: string): Promise<void>;
  /** Continues a stored run from a checkpoint, left out = the last. What came after it is forgotten. */
  continueStored(runId: string, slot?: CheckpointSlot): Promise<void>;
  remove(runId: string): void;
  /** Reads the list of stored runs again. */
  refresh(): Promise<void>;
}

function viewOf(stored: StoredRunData): RunView {
  const last = stored.rows.at(-1);
  return {
    ...newRunView(stored.config),
    // Nobody is at work on it now: what was running when the tab closed waits to be resumed.
    status: stored.status === 'running' ? 'paused' : stored.status,
    step: stored.step,
    stages: stored.stages,
    evaluations: stored.evaluations.filter((evaluation) => evaluation.slice === 'validation'),
    secondsElapsed: last?.seconds ?? 0,
    tokens: last?.tokens ?? 0,
    checkpointStep: stored.checkpointStep,
    bestStep: stored.bestStep ?? null,
    result: stored.result,
    stopReason: stored.stopReason ?? null,
    live: false,
  };
}

/** A sample of the last step to look at until the run goes on: a correction that worked, where there is one. */
async function storedSample(library: Library, runId: string, step: number): Promise<Trace | null> {
  const chunks = await library.readTraces(runId, step).catch(() => []);
  const chunk = chunks.find(({ kind }) => kind === 'train');
  if (!chunk || chunk.episodes === 0) return null;
  return expandTrace(chunk, episodesOf(chunk, 'i_to_c')[0] ?? 0);
}

export function createRunControl(core: StudioCore): RunControl {
  const { port, store, library, options } = core;
  const setWish = (wish: RunWish) => store.setState({ run: { ...store.getState().run, wish, startError: null } });

  async function refresh(): Promise<void> {
    store.setState({ storedRuns: await library.listRuns() });
  }

  async function show(runId: string): Promise<void> {
    const stored = await library.readRun(runId);
    if (!stored) return;
    const series = new RunSeries();
    for (const row of stored.rows) series.append(row);
    store.setState({ run: { run: viewOf(stored), wish: null, startError: null } });
    core.replaceSeries(series);
    const sample = await storedSample(library, runId, stored.step);
    const shown = store.getState().run;
    if (sample && shown.run?.config.id === runId && shown.run.sample === null) {
      store.setState({ run: { ...shown, run: { ...shown.run, sample } } });
    }
  }

  /** The worker loads the checkpoint and waits, paused; only then is it told to go on. */
  function restoreThenResume(runId: string, slot: CheckpointSlot = 'last'): void {
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

  // The list follows what happens to runs, and a run that ends is kept by the worker before it says so.
  port.onEvent((event) => {
    const changed = ['run.started', 'run.paused', 'run.stopped', 'run.finished', 'run.failed'].includes(event.type);
    if (changed) void refresh();
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
      });
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
    async continueStored(runId, slot) {
      if (store.getState().run.run?.config.id !== runId) await show(runId);
      restoreThenResume(runId, slot);
    },
    remove(runId) {
      port.post({ type: 'run.delete', runId });
      const { run } = store.getState();
      store.setState({
        storedRuns: store.getState().storedRuns.filter((stored) => stored.config.id !== runId),
        run: run.run?.config.id === runId ? { run: null, wish: null, startError: null } : run,
      });
    },
    refresh,
  };
}
