// The self-test of the engine: what each op's check found so far, and the speed at the end.
import type { WireError } from '../protocol/errors';
import type { BackendName, MatmulSpeed, OpTestResult, StudioEvent } from '../protocol/events';

export interface SelfTestState {
  status: 'never' | 'running' | 'finished' | 'failed';
  /** Where it ran. */
  backend: BackendName | null;
  results: OpTestResult[];
  /** Ops to come through; null until the first has. */
  total: number | null;
  matmul: MatmulSpeed | null;
  error: WireError | null;
}

export const selfTestAtStart: SelfTestState = {
  status: 'never',
  backend: null,
  results: [],
  total: null,
  matmul: null,
  error: null,
};

export function reduceSelfTest(state: SelfTestState, event: StudioEvent): SelfTestState {
  switch (event.type) {
    case 'selfTest.progressed':
      return { ...state, results: [...state.results, event.result], total: event.total };
    case 'selfTest.finished':
      return { ...state, status: 'finished', matmul: event.matmul };
    case 'selfTest.failed':
      return { ...state, status: 'failed', error: event.error };
    case 'worker.failed':
      return state.status === 'running' ? { ...state, status: 'failed', error: event.error } : state;
    case 'engine.started':
      // What was found about another engine says nothing about this one.
      return selfTestAtStart;
    default:
      return state;
  }
}
