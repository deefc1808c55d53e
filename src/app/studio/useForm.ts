// The form on screen, what is wrong with it, and how it is changed.
import { useMemo, useSyncExternalStore } from 'react';
import type { RecipeCard } from '../../protocol/events';
import type { Field, Settings } from '../../protocol/fields';
import { faultsOf, type RunForm } from '../../protocol/runForm';
import { useStudio, useStudioState } from '../studioContext';

const noFields: readonly Field[] = [];

export interface FormOnScreen {
  form: RunForm;
  recipe: RecipeCard | null;
  recipes: readonly RecipeCard[];
  faults: { place: string; sentence: string }[];
  change(part: Partial<RunForm>): void;
  /** A value that is the default is left out. */
  changeSetting(field: Field, value: Settings[string]): void;
}

export function useForm(): FormOnScreen {
  const { setup, store } = useStudio();
  // Not in pulses: what is typed must stand there at once, and the next key builds upon it.
  const form = useSyncExternalStore(store.subscribe, () => store.getState().setup.form);
  const recipes = useStudioState((state) => state.recipes);
  const recipe = recipes.find(({ id }) => id === form.recipe) ?? null;
  const faults = useMemo(() => faultsOf(form, recipe?.fields ?? noFields), [form, recipe]);
  return {
    form,
    recipe,
    recipes,
    faults,
    change: setup.change,
    changeSetting(field, value) {
      const { [field.name]: _, ...others } = form.settings;
      setup.change({ settings: value === field.default ? others : { ...others, [field.name]: value } });
    },
  };
}
