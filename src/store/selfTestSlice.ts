// The self-test of the engine: what each op's check found so far, and the speeds at the end.
import type { WireError } from '../protocol/errors';
import type { BackendName, MatmulSpeed, ModelSpeed, OpTestResult, StepProfile, StudioEvent } from '../protocol/events';

export interface EngineSpeed {
  /** The name of the graphics card (it may be software that plays one). */
  adapter: string | null;
  matmul: MatmulSpeed;
  model: ModelSpeed;
}

export interface SelfTestState {
  status: 'never' | 'running' | 'finished' | 'failed';
  /** Where it ran. */
  backend: BackendName | null;
  /** The graphics card of `webgpu`. */
  adapter: string | null;
  results: OpTestResult[];
  /** Ops to come through; null until the first has. */
  total: number | null;
  /** Of every engine that was tested since the page was opened, to stand side by side. */
  speeds: Partial<Record<BackendName, EngineSpeed>>;
  /** Where the time of a training step goes; null where that is not looked into. */
  profile: StepProfile | null;
  error: WireError | null;
}

export const selfTestAtStart: SelfTestState = {
  status: 'never',
  backend: null,
  adapter: null,
  results: [],
  total: null,
  speeds: {},
  profile: null,
  error: null,
};

function withSpeed(
  { backend, adapter, speeds }: SelfTestState,
  { matmul, model }: Omit<EngineSpeed, 'adapter'>,
): SelfTestState['speeds'] {
  return backend ? { ...speeds, [backend]: { adapter, matmul, model } } : speeds;
}

export function reduceSelfTest(state: SelfTestState, event: StudioEvent): SelfTestState {
  switch (event.type) {
    case 'selfTest.progressed':
      return { ...state, results: [...state.results, event.result], total: event.total };
    case 'selfTest.finished':
      return { ...state, status: 'finished', speeds: withSpeed(state, event), profile: event.profile };
    case 'selfTest.failed':
      return { ...state, status: 'failed', error: event.error };
    case 'worker.failed':
      return state.status === 'running' ? { ...state, status: 'failed', error: event.error } : state;
    case 'engine.started':
      // What was found about another engine says nothing about this one; its speed stays, for comparison.
      return { ...selfTestAtStart, speeds: state.speeds };
    default:
      return state;
  }
}
