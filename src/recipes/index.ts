// The list of recipes. A new one is added here and nowhere else.

import { asc } from './asc';
import { crlft } from './crlft';
import { dpo } from './dpo';
import { gkd } from './gkd';
import { grpo } from './grpo';
import { kto } from './kto';
import { nat } from './nat';
import { nce } from './nce';
import { negativeData } from './negativeData';
import { orpo } from './orpo';
import { pairSft } from './pairSft';
import { ppo } from './ppo';
import type { Recipe } from './recipe';
import { reflexion } from './reflexionWords';
import { reinforce } from './reinforce';
import { rest } from './rest';
import { restEm } from './restEm';
import { rloo } from './rloo';
import { score } from './score';
import { scoreRefcode } from './scoreRefcode';
import { scoreStar } from './scoreStar';
import { sequential } from './sequential';
import { sft } from './sft';
import { simpo } from './simpo';
import { spin } from './spin';
import { star } from './star';
import { weakSupervision } from './weakSupervision';

export const recipes: readonly Recipe[] = [
  score,
  star,
  pairSft,
  scoreStar,
  scoreRefcode,
  grpo,
  rloo,
  reinforce,
  ppo,
  dpo,
  kto,
  orpo,
  simpo,
  spin,
  restEm,
  rest,
  sequential,
  weakSupervision,
  negativeData,
  nat,
  nce,
  asc,
  crlft,
  sft,
  gkd,
  reflexion,
];

/** @throws RangeError naming the known ones */
export function recipeById(id: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.id === id);
  if (!recipe)
    throw new RangeError(`recipe: expected one of ${recipes.map((known) => known.id).join(', ')}, got "${id}".`);
  return recipe;
}
