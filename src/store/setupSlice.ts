// The next run, as it is being filled in: the form, presets of one's own, what the worker says it would need, and what the base can do.
import type { WireError } from '../protocol/errors';
import type { Evaluation, RunPlan, StudioEvent } from '../protocol/events';
import { LESSON_FORM, type RunForm, type TaskName } from '../protocol/runForm';
import type { StoredForm } from './notes';

export interface BaseMeasure {
  model: string;
  task?: TaskName;
  level: number;
  evaluation: Evaluation;
}

export interface SetupState {
  form: RunForm;
  /** By name. */
  ownForms: readonly StoredForm[];
  /** Of the form as it stands; null while it is not known. */
  plan: RunPlan | null;
  planError: WireError | null;
  base: BaseMeasure | null;
  isMeasuringBase: boolean;
  baseError: WireError | null;
}

export const setupAtStart: SetupState = {
  form: LESSON_FORM,
  ownForms: [],
  plan: null,
  planError: null,
  base: null,
  isMeasuringBase: false,
  baseError: null,
};

export function reduceSetup(state: SetupState, event: StudioEvent): SetupState {
  switch (event.type) {
    case 'plan.estimated':
      return { ...state, plan: event.plan, planError: null };
    case 'plan.failed':
      return { ...state, plan: null, planError: event.error };
    case 'base.evaluated': {
      const { model, task, level, evaluation } = event;
      return { ...state, base: { model, task, level, evaluation }, isMeasuringBase: false, baseError: null };
    }
    case 'base.failed':
      return { ...state, isMeasuringBase: false, baseError: event.error };
    case 'model.loaded':
      return { ...state, base: state.base?.model === event.id ? state.base : null };
    case 'engine.started':
    case 'worker.failed':
      return { ...state, isMeasuringBase: false };
    default:
      return state;
  }
}
