// The Studio's words in the chosen language, and texts that come in both languages.
import type { Bilingual } from '../../protocol/fields';
import { screenWords, useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words as runWords } from './runs/words';
import { words as formWords } from './words';

const words = screenWords({ ...formWords.en, ...runWords.en }, { ...formWords.ko, ...runWords.ko });

export type StudioKey = keyof typeof words.en;

export function useStudioWords() {
  const s = useScreenWords(words);
  const { t, format, language } = useWords();
  return { s, t, format, language, either: (text: Bilingual) => text[language] };
}

export type StudioWords = ReturnType<typeof useStudioWords>;
