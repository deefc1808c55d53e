// Filling in the next run: changes, presets of one's own, and what is asked of the worker about it.
import { LESSON_FORM, type RunForm, type RunRequest } from '../protocol/runForm';
import type { StudioCore } from './connection';
import type { StoredForm } from './notes';
import type { Options } from './options';
import type { SetupState } from './setupSlice';
import { isModelReady } from './studioState';

export interface RunSetup {
  open(): Promise<void>;
  change(part: Partial<RunForm>): void;
  saveAs(name: string): Promise<void>;
  forget(name: string): Promise<void>;
  /** Presets from elsewhere; a name that is taken stays what it is. @returns how many came in */
  adopt(presets: readonly StoredForm[]): Promise<number>;
  /** Both attempts of the base on the form's level and amount of validation problems. */
  measureBase(): void;
}

/** The lesson's run, or what the address asks for. */
function formOf(options: Options): RunForm {
  const { settings, steps, minutes, seed, evaluation } = options;
  return {
    ...LESSON_FORM,
    settings,
    seed,
    steps,
    minutes: steps === null ? minutes : null,
    evaluation: {
      every: evaluation.every ?? LESSON_FORM.evaluation.every,
      problems: evaluation.problems ?? LESSON_FORM.evaluation.problems,
      testProblems: evaluation.testProblems ?? LESSON_FORM.evaluation.testProblems,
    },
  };
}

export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 30);
}

/** One run per seed. @param model the one it is set up for */
export function requestOf(form: RunForm, seed: number, model?: string): RunRequest {
  return { ...form, seed, runId: crypto.randomUUID(), ...(model ? { model } : {}) };
}

/** Until the last key of a number was pressed. */
const PLAN_AFTER_MS = 150;
const KEEP_AFTER_MS = 400;

export function createRunSetup(core: StudioCore): RunSetup {
  const { port, store, notes, options } = core;
  let requestId = 0;
  let planning: ReturnType<typeof setTimeout> | undefined;
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const set = (part: Partial<SetupState>) => store.setState({ setup: { ...store.getState().setup, ...part } });

  function plan(): void {
    clearTimeout(planning);
    planning = setTimeout(() => {
      if (!isModelReady(store.getState())) return;
      const { recipe, settings, task, level } = store.getState().setup.form;
      port.post({ type: 'plan.estimate', requestId: ++requestId, recipe, settings, task, level });
    }, PLAN_AFTER_MS);
  }

  port.onEvent((event) => {
    if (event.type === 'model.loaded') plan();
  });
  set({ form: formOf(options) });

  return {
    async open() {
      const forms = await notes.listForms();
      const draft = forms.find(({ name }) => name === '');
      set({ ownForms: forms.filter(({ name }) => name !== '') });
      const isAsked = JSON.stringify(formOf(options)) !== JSON.stringify(LESSON_FORM);
      if (draft && !isAsked) set({ form: draft.form });
      plan();
    },
    change(part) {
      const form = { ...store.getState().setup.form, ...part };
      set({ form, plan: null, planError: null });
      plan();
      clearTimeout(keeping);
      keeping = setTimeout(() => void notes.putForm({ name: '', form }), KEEP_AFTER_MS);
    },
    async saveAs(name) {
      const stored = { name, form: store.getState().setup.form };
      set({ ownForms: [...store.getState().setup.ownForms.filter((other) => other.name !== name), stored] });
      await notes.putForm(stored);
    },
    async forget(name) {
      set({ ownForms: store.getState().setup.ownForms.filter((other) => other.name !== name) });
      await notes.deleteForm(name);
    },
    async adopt(presets) {
      const own = store.getState().setup.ownForms;
      const fresh = presets.filter(({ name }) => !own.some((known) => known.name === name));
      set({ ownForms: [...own, ...fresh] });
      for (const stored of fresh) await notes.putForm(stored);
      return fresh.length;
    },
    measureBase() {
      const { task, level, evaluation } = store.getState().setup.form;
      set({ isMeasuringBase: true, baseError: null });
      port.post({ type: 'base.evaluate', requestId: ++requestId, task, level, problems: evaluation.problems });
    },
  };
}
