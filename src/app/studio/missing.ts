// What keeps a run from starting, as the words of the start button, and where to go to mend it.
import { isModelReady, type StudioState } from '../../store/studioState';
import type { FormOnScreen } from './useForm';
import type { StudioWords } from './useStudioWords';

export interface Missing {
  words: string;
  /** Place of the form to go to; null: it comes by itself, or elsewhere. */
  place: string | null;
}

/** The label of a part of the form. */
export function partName(place: string, { recipe }: Pick<FormOnScreen, 'recipe'>, words: StudioWords): string {
  const { s, either } = words;
  const field = recipe?.fields.find(({ name }) => name === place);
  if (field) return either(field.label);
  const names: Record<string, string> = {
    'run.level': s('task.title'),
    'run.length': s('length.title'),
    'run.steps': s('length.steps'),
    'run.minutes': s('length.minutes'),
    'run.seed': s('seed.label'),
    'run.every': s('measure.every'),
    'run.problems': s('measure.problems'),
    'run.testProblems': s('measure.testProblems'),
    'run.checkpointEvery': s('measure.checkpoint'),
    'run.earlyStop': s('stop.title'),
  };
  return names[place] ?? place;
}

/** In the order in which they have to be mended; empty = it can start. */
export function missingParts(
  state: Pick<StudioState, 'engine' | 'model' | 'workerFault' | 'setup'>,
  onScreen: FormOnScreen,
  words: StudioWords,
): Missing[] {
  const { s } = words;
  const missing: Missing[] = [];
  const say = (text: string, place: string | null = null) => missing.push({ words: text, place });
  if (state.workerFault) say(s('missing.worker'));
  else if (state.engine.phase === 'failed') say(s('missing.engineFailed'));
  else if (state.engine.phase === 'starting') say(s('missing.engine'));
  else if (state.model.phase === 'failed') say(s('missing.modelFailed'));
  else if (!isModelReady(state)) say(s('missing.model'));
  // Models made for the lesson read Dial's words alone, all others know nothing of them.
  const { source } = state.model;
  const knowsDial = source === 'bundled' || source === 'files';
  const isDial = (onScreen.form.task ?? 'dial') === 'dial';
  // Files of one's own may be either of the models that come with the page.
  if (onScreen.form.task === 'left') {
    if (source !== 'left' && source !== 'files') say(s('missing.taskLeft'), 'run.level');
  } else if (source === 'left') say(s('missing.onlyLeft'), 'run.level');
  else if (knowsDial !== isDial) say(s(isDial ? 'missing.taskDial' : 'missing.taskSums'), 'run.level');
  if (!onScreen.recipe) say(s('missing.recipe'), 'run.recipe');
  const places = [...new Set(onScreen.faults.map(({ place }) => place))];
  for (const place of places) say(s('missing.field', { name: partName(place, onScreen, words) }), place);
  if (state.setup.planError && places.length === 0) say(s('missing.plan'), 'targets');
  return missing;
}
