// The typed catalogue: a key that is missing in a language does not compile, a placeholder that is missing fails a test.
import type { Language } from '../../store/preferences';
import { en } from './en';
import { ko } from './ko';

export type TextKey = keyof typeof en;
export type Catalogue = Record<TextKey, string>;
export type Parameters = Record<string, string | number>;

export const catalogues: Record<Language, Catalogue> = { en, ko };

/** Fills `{name}` placeholders. Numbers must come formatted (see `format.ts`) unless they are small counts. */
export function fillIn(text: string, parameters: Parameters): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}

export type Translate = (key: TextKey, parameters?: Parameters) => string;

export function translator(language: Language): Translate {
  return (key, parameters = {}) => fillIn(catalogues[language][key], parameters);
}
