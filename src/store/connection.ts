// The page's one hand on the worker: sends commands, turns events into state, keeps the metric buffers.
// Takes any port with post/onEvent/restart, so that tests drive it with recorded events and no worker.
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CheckpointSlot } from '../protocol/checkpoint';
import type { ExportCheck, RunEvent, StudioEvent } from '../protocol/events';
import type { ModelSource, WeightHolding } from '../protocol/models';
import type { WorkerPort } from '../protocol/workerPort';
import { type Asking, createAsking } from './asking';
import { type Chatting, createChatting } from './chatting';
import { createDatasets, type Datasets } from './datasetControl';
import { createExamples, type Examples } from './examples';
import type { Library } from './library';
import { createModelChoice, type ModelChoice } from './modelChoice';
import { memoryNotes, type Notes } from './notes';
import type { BackendChoice, Options } from './options';
import { createPlayground, type Playground } from './playground';
import { createRunControl, type RunControl } from './runControl';
import { createRunLabels, type RunLabels } from './runLabels';
import { createRunQueue, type RunQueue } from './runQueue';
import { RunSeries } from './runSeries';
import { createRunSetup, type RunSetup } from './runSetup';
import { reduceFollowed } from './runSlice';
import { selfTestAtStart } from './selfTestSlice';
import { reduceStudio, type StudioState, studioAtStart } from './studioState';

export interface Studio {
  store: StoreApi<StudioState>;
  options: Options;
  /** The rows of the run on screen. */
  series(): RunSeries;
  asking: Asking;
  playground: Playground;
  chat: Chatting;
  models: ModelChoice;
  examples: Examples;
  datasets: Datasets;
  runs: RunControl;
  setup: RunSetup;
  queue: RunQueue;
  labels: RunLabels;
  library: Library;
  startEngine(backend: BackendChoice): void;
  loadModel(source: ModelSource): void;
  /** Checks every op on the backend that runs. */
  testEngine(): void;
  /** A fresh worker after the old one died; the run on screen is restored from its last checkpoint, paused. */
  restartWorker(): void;
  /** Reads what was kept beside runs: the form, presets, the queue, runs that were put away. */
  openNotes(): Promise<void>;
  /** Lists the stored runs and shows the newest, unless something is on screen already. */
  showLatest(): Promise<void>;
  /** What the samples of one run may take, bytes; null = by what the browser grants. */
  limitTraces(bytes: number | null): void;
  forgetStorageFault(): void;
  forgetLostDevice(): void;
  openSamples(runId: string, step: number): Promise<void>;
  closeSamples(): void;
  /** The zip of what a run has learned. Rejects with the worker's sentence. */
  takeAdapterHome(runId: string, slot?: CheckpointSlot): Promise<TakenHome>;
}

/** An adapter's zip, and what was found when it was read back. */
export interface TakenHome {
  fileName: string;
  bytes: Uint8Array<ArrayBuffer>;
  selfCheck: ExportCheck;
}

/** What the parts of the studio share. */
export interface StudioCore {
  port: WorkerPort;
  store: StoreApi<StudioState>;
  library: Library;
  notes: Notes;
  options: Options;
  /** Resolves with the first event that `pick` accepts. */
  waitFor<T>(pick: (event: StudioEvent) => T | null): Promise<T>;
  replaceSeries(series: RunSeries): void;
  /** Takes in what another tab's worker says about the run that is watched here. */
  hearFollowed(event: RunEvent): void;
  /** Names a question; no two have the same. */
  newRequestId(): number;
}

export function connectStudio(
  port: WorkerPort,
  library: Library,
  options: Options,
  notes: Notes = memoryNotes(),
): Studio {
  const store = createStore<StudioState>(() => studioAtStart);
  const set = (part: Partial<StudioState>) => store.setState(part);
  let series = new RunSeries();
  let seriesOf: string | null = null;
  /** The last model asked for; a new engine (other backend, new worker) gets it again. */
  let source: ModelSource = { kind: 'bundled' };
  let holding: WeightHolding | undefined;
  let backend: BackendChoice = 'auto';
  let traceBytes: number | null = null;
  let requests = 0;

  const core: StudioCore = {
    port,
    store,
    library,
    notes,
    options,
    waitFor: (pick) =>
      new Promise((resolve) => {
        const stop = port.onEvent((event) => {
          const found = pick(event);
          if (found === null) return;
          stop();
          resolve(found);
        });
      }),
    replaceSeries(next) {
      series = next;
      seriesOf = store.getState().run.run?.config.id ?? null;
      set({ seriesVersion: store.getState().seriesVersion + 1 });
    },
    hearFollowed(event) {
      const grown = keepRows(event);
      const state = store.getState();
      set({ run: reduceFollowed(state.run, event), seriesVersion: state.seriesVersion + grown });
    },
    newRequestId: () => ++requests,
  };

  function keepRows(event: StudioEvent): number {
    const before = series.version;
    if (event.type === 'run.started') {
      if (seriesOf !== event.run.id) series = new RunSeries();
      else series.truncateAfter(event.resumedAt);
      seriesOf = event.run.id;
      return 1;
    }
    if (event.type === 'run.stepped' && event.runId === seriesOf) {
      const { step, metrics, secondsElapsed: seconds, tokens } = event;
      series.append({ step, seconds, tokens, metrics });
    }
    return series.version === before ? 0 : 1;
  }

  const postModel = () => {
    set({ model: { ...studioAtStart.model, phase: 'loading', source: source.kind } });
    port.post(holding ? { type: 'model.load', source, holding } : { type: 'model.load', source });
  };

  port.onEvent((event) => {
    const grown = keepRows(event);
    const state = reduceStudio(store.getState(), event);
    store.setState(grown ? { ...state, seriesVersion: state.seriesVersion + grown } : state, true);
    if (event.type === 'engine.started') postModel();
    if (event.type === 'model.loaded' && store.getState().ask.numbers === null) void asking.draw();
  });

  const loadModel = (next: ModelSource, held?: WeightHolding) => {
    source = next;
    holding = held;
    // Files are copied, not transferred: the same bytes are needed again after a restart.
    postModel();
  };

  const asking = createAsking(core);
  const runs = createRunControl(core);
  const labels = createRunLabels(core, runs);
  const setup = createRunSetup(core);
  const queue = createRunQueue(core, runs, labels);
  const playground = createPlayground(core);
  const examples = createExamples(core);
  const chat = createChatting(core);

  const startEngine = (choice: BackendChoice) => {
    backend = choice;
    set({ engine: { ...store.getState().engine, phase: 'starting', error: null } });
    if (traceBytes !== null) port.post({ type: 'traces.limit', bytes: traceBytes });
    port.post({ type: 'engine.start', backend: choice, threads: options.threads });
  };

  return {
    store,
    options,
    series: () => series,
    asking,
    playground,
    chat,
    models: createModelChoice(core, loadModel),
    examples,
    datasets: createDatasets(core, setup),
    runs,
    setup,
    queue,
    labels,
    library,
    startEngine,
    loadModel,
    testEngine() {
      const { engine, selfTest } = store.getState();
      const backend = engine.info?.backend ?? null;
      const adapter = backend === 'webgpu' ? (engine.info?.adapter ?? null) : null;
      set({ selfTest: { ...selfTestAtStart, status: 'running', backend, adapter, speeds: selfTest.speeds } });
      port.post({ type: 'selfTest.start' });
    },
    restartWorker() {
      const run = store.getState().run.run;
      port.restart();
      set({ workerFault: null, engine: studioAtStart.engine, model: studioAtStart.model });
      startEngine(backend);
      if (run?.status === 'paused') {
        void core.waitFor((event) => (event.type === 'model.loaded' ? true : null)).then(() => runs.refresh());
      }
    },
    async openNotes() {
      await Promise.all([setup.open(), labels.open(), queue.open()]);
    },
    async showLatest() {
      await runs.refresh();
      const { storedRuns, run } = store.getState();
      if (storedRuns.length > 0 && run.run === null && run.wish === null) await runs.show(storedRuns[0].config.id);
    },
    limitTraces(bytes) {
      traceBytes = bytes;
      port.post({ type: 'traces.limit', bytes });
    },
    forgetStorageFault: () => set({ storageFault: null }),
    forgetLostDevice: () => set({ engine: { ...store.getState().engine, lost: null } }),
    async openSamples(runId, step) {
      set({ samples: { runId, step, status: 'loading', chunks: [], error: null } });
      const stillOpen = () => {
        const open = store.getState().samples;
        return open?.runId === runId && open.step === step;
      };
      try {
        const chunks = await library.readTraces(runId, step);
        if (stillOpen()) set({ samples: { runId, step, status: 'ready', chunks, error: null } });
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        if (stillOpen()) set({ samples: { runId, step, status: 'failed', chunks: [], error: words } });
      }
    },
    closeSamples: () => set({ samples: null }),
    async takeAdapterHome(runId, slot) {
      const answer = core.waitFor((event) =>
        (event.type === 'adapter.exported' || event.type === 'adapter.failed') && event.runId === runId ? event : null,
      );
      port.post({ type: 'adapter.export', runId, slot });
      const event = await answer;
      if (event.type === 'adapter.failed') throw new Error(event.error.message);
      return { fileName: event.fileName, bytes: event.bytes, selfCheck: event.selfCheck };
    },
  };
}
