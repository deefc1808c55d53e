// Steps of SCoRe on the bundled model with the lesson's own settings, one at a time, for whoever measures them: the bench and the self-test.
import type { LanguageModel } from '../models/model';
import type { RunConfig } from '../protocol/events';
import { checkSettings } from '../protocol/fields';
import { recipeById } from '../recipes/index';
import { RunSession } from './runSession';

export const SCORE_MODEL = 'dial-0.8m';

export interface ScoreSteps {
  /** Goes to the end of the next step, its traces included. */
  step(): Promise<void>;
  close(): Promise<void>;
}

/** @param steps how many will be asked for at most */
export async function openScoreSteps(model: LanguageModel, steps: number): Promise<ScoreSteps> {
  const recipe = recipeById('score');
  const config: RunConfig = {
    ...{ id: 'bench', recipe: recipe.id, settings: checkSettings(recipe.fields, {}), seed: 1, minutes: null },
    ...{ totalSteps: steps + 1, model: SCORE_MODEL, level: 6, evaluateEvery: 1000, evaluationProblems: 1 },
    ...{ checkpointEvery: 1000, createdAt: '' },
  };
  const session = await RunSession.create({ config, model, logProbTolerance: 1e-5, testProblems: 1 });
  const items = session.events();
  return {
    async step() {
      for (;;) {
        const { value, done } = await items.next();
        if (done) throw new Error(`SCoRe: expected another of ${steps} steps, the run ended.`);
        if ('event' in value && value.event.type === 'run.stepped') return;
      }
    },
    async close() {
      await items.return(undefined);
      session.dispose();
    },
  };
}
