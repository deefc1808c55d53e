// Everything the page shows, in one immutable value, and the one pure step from an event to the next value.
import type { WireError } from '../protocol/errors';
import type { RecipeCard, StudioEvent } from '../protocol/events';
import type { TraceChunk } from '../protocol/trace';
import { type AskState, askAtStart, reduceAsk } from './askSlice';
import { type ChatState, chatAtStart, reduceChat } from './chatSlice';
import { type DatasetsState, datasetsAtStart, reduceDatasets } from './datasetsSlice';
import {
  type EngineState,
  engineAtStart,
  type ModelState,
  modelAtStart,
  reduceEngine,
  reduceModel,
} from './engineSlice';
import type { SavedExample } from './examples';
import type { AwakeState } from './keepAwake';
import type { StoredRunSummary } from './library';
import { type ModelsState, modelsAtStart, reduceModels } from './modelsSlice';
import { type PlaygroundState, playgroundAtStart, reducePlayground } from './playgroundSlice';
import { type QueueState, queueAtStart } from './queueSlice';
import { type AlertState, alertsAtStart, reduceAlerts } from './runAlerts';
import type { RemovedRun } from './runLabels';
import { type RunState, reduceRun, runAtStart } from './runSlice';
import { reduceSelfTest, type SelfTestState, selfTestAtStart } from './selfTestSlice';
import { reduceSetup, type SetupState, setupAtStart } from './setupSlice';

export interface SamplesState {
  runId: string;
  step: number;
  status: 'loading' | 'ready' | 'failed';
  chunks: TraceChunk[];
  error: string | null;
}

export interface StudioState {
  engine: EngineState;
  model: ModelState;
  ask: AskState;
  run: RunState;
  /** Grows with every row of the run on screen; charts look at it instead of at the rows. */
  seriesVersion: number;
  /** Of the run on screen. */
  alerts: AlertState;
  /** Whether this machine is kept from falling asleep while a run goes. */
  awake: AwakeState;
  /** In the order of the list; empty until the worker has said them. */
  recipes: readonly RecipeCard[];
  /** Newest first, without those that were put away. */
  storedRuns: StoredRunSummary[];
  /** Deleted runs that can still be had back. */
  removed: readonly RemovedRun[];
  queue: QueueState;
  /** The next run, as it is being filled in. */
  setup: SetupState;
  /** The samples of one step, when they are open. */
  samples: SamplesState | null;
  playground: PlaygroundState;
  chat: ChatState;
  /** Models that could be loaded. */
  models: ModelsState;
  datasets: DatasetsState;
  /** Saved from the playground, oldest first; null until they were read. */
  examples: readonly SavedExample[] | null;
  selfTest: SelfTestState;
  /** The worker is gone: nothing works until it is started again. */
  workerFault: WireError | null;
  /** Runs are not kept; said once, can be put away. */
  storageFault: WireError | null;
}

export const studioAtStart: StudioState = {
  engine: engineAtStart,
  model: modelAtStart,
  ask: askAtStart,
  run: runAtStart,
  seriesVersion: 0,
  alerts: alertsAtStart,
  awake: 'off',
  recipes: [],
  storedRuns: [],
  removed: [],
  queue: queueAtStart,
  setup: setupAtStart,
  samples: null,
  playground: playgroundAtStart,
  chat: chatAtStart,
  models: modelsAtStart,
  datasets: datasetsAtStart,
  examples: null,
  selfTest: selfTestAtStart,
  workerFault: null,
  storageFault: null,
};

export function reduceStudio(state: StudioState, event: StudioEvent): StudioState {
  return {
    ...state,
    engine: reduceEngine(state.engine, event),
    model: reduceModel(state.model, event),
    ask: reduceAsk(state.ask, event),
    run: reduceRun(state.run, event),
    setup: reduceSetup(state.setup, event),
    playground: reducePlayground(state.playground, event),
    chat: reduceChat(state.chat, event),
    models: reduceModels(state.models, event),
    datasets: reduceDatasets(state.datasets, event),
    selfTest: reduceSelfTest(state.selfTest, event),
    alerts: reduceAlerts(state.alerts, event, state.run.run?.config.id ?? null),
    recipes: event.type === 'recipes.listed' ? event.recipes : state.recipes,
    workerFault: event.type === 'worker.failed' ? event.error : state.workerFault,
    storageFault: event.type === 'storage.failed' ? event.error : state.storageFault,
  };
}

/** True when the model can be asked now. */
export function isModelReady(state: Pick<StudioState, 'engine' | 'model' | 'workerFault'>): boolean {
  return state.engine.phase === 'ready' && state.model.phase === 'ready' && !state.workerFault;
}

/** A run that the worker is busy with, or is paused in. */
export function isRunActive(state: StudioState): boolean {
  const run = state.run.run;
  return state.run.wish === 'start' || (!!run?.live && (run.status === 'running' || run.status === 'paused'));
}
