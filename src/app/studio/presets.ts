// Forms to begin with: the lesson, a quick look, the choices a recipe brings, and a person's own.
import type { RecipeCard } from '../../protocol/events';
import { LESSON_FORM, type RunForm } from '../../protocol/runForm';
import type { StoredForm } from '../../store/notes';
import type { StudioWords } from './useStudioWords';

export interface Preset {
  id: string;
  kind: 'builtIn' | 'recipe' | 'own';
  title: string;
  form: RunForm;
}

const QUICK: RunForm = {
  ...LESSON_FORM,
  steps: 40,
  minutes: null,
  evaluation: { every: 10, problems: 100, testProblems: 250 },
};

/** For models a hundred times larger than the bundled one: few problems a step, a smaller rate, a short run to look at first. */
const REAL_MODEL: RunForm = {
  ...LESSON_FORM,
  task: 'arithmetic',
  level: 2,
  settings: { problems: 4, seconds: 2, learningRate: 0.0002 },
  steps: 10,
  minutes: null,
  evaluation: { every: 5, problems: 16, testProblems: 32 },
};

/** All presets there are, the recipes' in the order of the recipes. */
export function presetsFor(
  recipes: readonly RecipeCard[],
  own: readonly StoredForm[],
  { s, either }: Pick<StudioWords, 's' | 'either'>,
): Preset[] {
  return [
    { id: 'lesson', kind: 'builtIn', title: s('setup.preset.lesson'), form: LESSON_FORM },
    { id: 'quick', kind: 'builtIn', title: s('setup.preset.quick'), form: QUICK },
    { id: 'realModel', kind: 'builtIn', title: s('setup.preset.realModel'), form: REAL_MODEL },
    ...recipes.flatMap(({ id, title, presets = [] }) =>
      presets.map(
        (preset): Preset => ({
          id: `${id} ${preset.id}`,
          kind: 'recipe',
          title: `${either(title)}: ${either(preset.title)}`,
          form: { ...LESSON_FORM, recipe: id, settings: preset.settings },
        }),
      ),
    ),
    ...own.map(({ name, form }): Preset => ({ id: `own ${name}`, kind: 'own', title: name, form })),
  ];
}

/** The same in a fixed order of its parts. */
function signature(form: RunForm): string {
  const { recipe, task = 'dial', level, seed, steps, minutes, evaluation, checkpointEvery, earlyStop } = form;
  const settings = Object.entries(form.settings).sort(([a], [b]) => (a < b ? -1 : 1));
  const { every, problems, testProblems } = evaluation;
  return JSON.stringify([
    [recipe, task, level, settings, seed, steps, minutes, checkpointEvery, earlyStop],
    [every, problems, testProblems],
  ]);
}

/** The preset that the form is, to the letter; one's own first. */
export function presetOf(form: RunForm, presets: readonly Preset[]): Preset | null {
  const wanted = signature(form);
  return [...presets].reverse().find((preset) => signature(preset.form) === wanted) ?? null;
}
