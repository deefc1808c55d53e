// The dataset that is being looked at, and those that are kept.
import type {
  ColumnMapping,
  DatasetInfo,
  DatasetReport,
  LineProblem,
  OpenedDataset,
  SplitShares,
  TokenPiece,
} from '../protocol/datasets';
import type { WireError } from '../protocol/errors';
import type { StudioEvent } from '../protocol/events';

export type { ColumnMapping, DatasetInfo, DatasetReport, LineProblem, OpenedDataset, SplitShares, TokenPiece };

export interface DatasetsState {
  /** Of the last thing asked; answers to earlier ones are not heard. */
  requestId: number;
  phase: 'empty' | 'reading' | 'open' | 'failed';
  opened: OpenedDataset | null;
  /** null: nobody has said yet what its columns are. */
  mapping: ColumnMapping | null;
  shares: SplitShares;
  report: DatasetReport | null;
  isChecking: boolean;
  error: WireError | null;
  /** Newest first; null until they were read. */
  kept: readonly DatasetInfo[] | null;
}

export const datasetsAtStart: DatasetsState = {
  requestId: 0,
  phase: 'empty',
  opened: null,
  mapping: null,
  shares: { validation: 5, test: 10 },
  report: null,
  isChecking: false,
  error: null,
  kept: null,
};

export function reduceDatasets(state: DatasetsState, event: StudioEvent): DatasetsState {
  switch (event.type) {
    case 'dataset.opened':
      if (event.requestId !== state.requestId) return state;
      return {
        ...state,
        phase: 'open',
        opened: event.dataset,
        mapping: event.dataset.guess,
        report: null,
        error: null,
      };
    case 'dataset.checked':
      if (event.requestId !== state.requestId) return state;
      return { ...state, report: event.report, isChecking: false, error: null };
    case 'dataset.failed': {
      if (event.requestId !== state.requestId) return state;
      const phase = state.phase === 'reading' ? 'failed' : state.phase;
      return { ...state, phase, isChecking: false, error: event.error };
    }
    // A new worker has nothing open.
    case 'worker.failed':
      return { ...datasetsAtStart, requestId: state.requestId, shares: state.shares, kept: state.kept };
    default:
      return state;
  }
}
