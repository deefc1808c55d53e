// Stage names of recipes in the page's words. A stage the page does not know keeps its own name.
import type { TextKey, Translate } from '../i18n/catalogue';

const known: Record<string, { name: TextKey; sentence: TextKey }> = {
  stage_1: { name: 'stage.one', sentence: 'stage.one.sentence' },
  stage_2: { name: 'stage.two', sentence: 'stage.two.sentence' },
  single_turn: { name: 'stage.single', sentence: 'stage.single.sentence' },
};

export function stageName(t: Translate, stage: string): string {
  return known[stage] ? t(known[stage].name) : stage;
}

export function stageSentence(t: Translate, stage: string): string {
  return known[stage] ? t(known[stage].sentence) : '';
}
