// The words of one screen, loaded with it: `src/app/<screen>/words.ts` exports `screenWords(en, ko)`. A key that is missing
// in Korean does not compile; placeholders, tone and empty texts are checked by `catalogue.test.ts` for every such file.
import { usePreferences } from '../studioContext';
import { fillIn, type Parameters } from './catalogue';

export interface ScreenWords<Key extends string> {
  en: Record<Key, string>;
  ko: Record<Key, string>;
}

export function screenWords<Key extends string>(
  en: Record<Key, string>,
  ko: Record<NoInfer<Key>, string>,
): ScreenWords<Key> {
  return { en, ko };
}

/** The screen's words in the chosen language. */
export function useScreenWords<Key extends string>(
  words: ScreenWords<Key>,
): (key: Key, parameters?: Parameters) => string {
  const [{ language }] = usePreferences();
  return (key, parameters = {}) => fillIn(words[language][key], parameters);
}
