// Stage names of recipes in the page's words, as the recipes say them. A stage without words keeps its own name.
import { useMemo } from 'react';
import type { RecipeCard } from '../../protocol/events';
import { type StageWords, stageNumbers } from '../../protocol/fields';
import type { Language } from '../../store/preferences';
import { fillIn } from '../i18n/catalogue';
import { useStudioState, useWords } from '../studioContext';

export interface NamedStages {
  nameOf(stage: string): string;
  /** What is done in it; '' when nobody says. */
  sentenceOf(stage: string): string;
}

function namedStages(recipes: readonly RecipeCard[], language: Language): NamedStages {
  const known = recipes.flatMap(({ stages = [] }) => stages);
  const say = (stage: string, part: (words: StageWords) => StageWords['name'], otherwise: string) => {
    for (const words of known) {
      const numbers = stageNumbers(stage, words.stage);
      if (numbers) return fillIn(part(words)[language], Object.fromEntries(numbers.map((n, i) => [i + 1, n])));
    }
    return otherwise;
  };
  return {
    nameOf: (stage) => say(stage, ({ name }) => name, stage),
    sentenceOf: (stage) => say(stage, ({ sentence }) => sentence, ''),
  };
}

export function useStageWords(): NamedStages {
  const { language } = useWords();
  const recipes = useStudioState((state) => state.recipes);
  return useMemo(() => namedStages(recipes, language), [recipes, language]);
}
