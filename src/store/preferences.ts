// What a person chose about the page itself; kept in localStorage, which may be blocked (then for this visit only).
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BackendChoice } from './options';

export type Language = 'en' | 'ko';
export type Theme = 'system' | 'light' | 'dark';
export type XAxisUnit = 'step' | 'tokens' | 'minutes';
export type Decoding = 'greedy' | 'sampled';

export interface Preferences {
  language: Language;
  theme: Theme;
  xAxis: XAxisUnit;
  decoding: Decoding;
  backend: BackendChoice;
  /** Shortcuts of single letters. */
  letters: 'on' | 'off';
  /** `again`: asked for in the settings. */
  tour: 'unseen' | 'seen' | 'again';
  /** A notification at the end of a run; the browser's own permission is asked for apart. */
  notifyWhenDone: boolean;
  /** What the samples of one run may take, MB; null = by what the browser grants. */
  traceRoom: number | null;
}

/** MB */
export const traceRooms: readonly (number | null)[] = [null, 1, 16, 64, 256, 512, 1000, 4000];

const KEY = 'second-thought.preferences';

const allowed: { [K in keyof Preferences]: readonly Preferences[K][] } = {
  language: ['en', 'ko'],
  theme: ['system', 'light', 'dark'],
  xAxis: ['step', 'tokens', 'minutes'],
  decoding: ['greedy', 'sampled'],
  backend: ['auto', 'simd', 'webgpu'],
  letters: ['on', 'off'],
  tour: ['unseen', 'seen', 'again'],
  notifyWhenDone: [true, false],
  traceRoom: traceRooms,
};

function isOneOf<T>(value: unknown, options: readonly T[]): value is T {
  return options.some((option) => option === value);
}

function keepValid<K extends keyof Preferences>(target: Preferences, key: K, value: unknown): void {
  if (isOneOf(value, allowed[key])) target[key] = value;
}

/** What was stored, where it is readable and valid; else the browser's language and quiet defaults. */
export function readPreferences(stored: string | null, browserLanguage: string): Preferences {
  const preferences: Preferences = {
    language: browserLanguage.toLowerCase().startsWith('ko') ? 'ko' : 'en',
    theme: 'system',
    xAxis: 'step',
    decoding: 'greedy',
    backend: 'auto',
    letters: 'on',
    tour: 'unseen',
    notifyWhenDone: false,
    traceRoom: null,
  };
  try {
    const given: unknown = stored === null ? null : JSON.parse(stored);
    if (typeof given === 'object' && given !== null) {
      const entries = new Map(Object.entries(given));
      keepValid(preferences, 'language', entries.get('language'));
      keepValid(preferences, 'theme', entries.get('theme'));
      keepValid(preferences, 'xAxis', entries.get('xAxis'));
      keepValid(preferences, 'decoding', entries.get('decoding'));
      keepValid(preferences, 'backend', entries.get('backend'));
      keepValid(preferences, 'letters', entries.get('letters'));
      keepValid(preferences, 'tour', entries.get('tour'));
      keepValid(preferences, 'notifyWhenDone', entries.get('notifyWhenDone'));
      keepValid(preferences, 'traceRoom', entries.get('traceRoom'));
    }
  } catch {
    // A stored text that is not JSON counts as none.
  }
  return preferences;
}

export type PreferencesStore = StoreApi<Preferences>;

export function createPreferences(storage: Storage | null, browserLanguage: string): PreferencesStore {
  let stored: string | null = null;
  try {
    stored = storage?.getItem(KEY) ?? null;
  } catch {
    // Blocked by the browser's privacy settings.
  }
  const store = createStore<Preferences>(() => readPreferences(stored, browserLanguage));
  store.subscribe((state) => {
    try {
      storage?.setItem(KEY, JSON.stringify(state));
    } catch {
      // Blocked or full: the choice holds for this visit.
    }
  });
  return store;
}
