// The list of recipes. A new one is added here and nowhere else.
import type { Recipe } from './recipe';
import { score } from './score';
import { sft } from './sft';

export const recipes: readonly Recipe[] = [score, sft];

/** @throws RangeError naming the known ones */
export function recipeById(id: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.id === id);
  if (!recipe)
    throw new RangeError(`recipe: expected one of ${recipes.map((known) => known.id).join(', ')}, got "${id}".`);
  return recipe;
}
