// How components see the stores: through selectors, told of changes at most five times a second.
import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
import type { StoreApi } from 'zustand/vanilla';
import type { Studio } from '../store/connection';
import type { Language, Preferences, PreferencesStore } from '../store/preferences';
import type { StudioState } from '../store/studioState';
import { type Translate, translator } from './i18n/catalogue';
import { type Formats, formatsFor } from './i18n/format';

const PULSE_MS = 200;

/** Subscribes with a leading call at once, then at most one call per pulse, and never loses the last change. */
export function subscribeInPulses<T>(store: StoreApi<T>, pulse = PULSE_MS): (listener: () => void) => () => void {
  const listeners = new Set<() => void>();
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    timer = null;
    last = performance.now();
    for (const listener of [...listeners]) listener();
  };
  store.subscribe(() => {
    if (timer !== null) return;
    const wait = last + pulse - performance.now();
    if (wait <= 0) flush();
    else timer = setTimeout(flush, wait);
  });
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

interface Shared {
  studio: Studio;
  preferences: PreferencesStore;
  subscribe: (listener: () => void) => () => void;
}

const StudioContext = createContext<Shared | null>(null);

export function StudioProvider(props: { studio: Studio; preferences: PreferencesStore; children: ReactNode }) {
  const { studio, preferences, children } = props;
  const shared = useMemo(
    () => ({ studio, preferences, subscribe: subscribeInPulses(studio.store) }),
    [studio, preferences],
  );
  return <StudioContext value={shared}>{children}</StudioContext>;
}

function useShared(): Shared {
  const shared = useContext(StudioContext);
  if (!shared) throw new Error('studioContext: expected a StudioProvider above this component, found none. Wrap it.');
  return shared;
}

export function useStudio(): Studio {
  return useShared().studio;
}

/** `select` must return a piece of the state or a primitive, not a new object. */
export function useStudioState<T>(select: (state: StudioState) => T): T {
  const { studio, subscribe } = useShared();
  return useSyncExternalStore(subscribe, () => select(studio.store.getState()));
}

export function usePreferences(): [Preferences, (part: Partial<Preferences>) => void] {
  const { preferences } = useShared();
  const state = useSyncExternalStore(preferences.subscribe, preferences.getState);
  return [state, preferences.setState];
}

const words = new Map<Language, { t: Translate; format: Formats; language: Language }>();

/** The words and number formats of the chosen language. */
export function useWords(): { t: Translate; format: Formats; language: Language } {
  const [{ language }] = usePreferences();
  const known = words.get(language) ?? { t: translator(language), format: formatsFor(language), language };
  words.set(language, known);
  return known;
}
