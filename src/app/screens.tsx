// The screens and what loads them. The lesson is there at once; every other screen comes when it is first visited, or before, when
// the page has nothing to do: opening one during practice then need not read and compile it too.
import { type ComponentType, lazy, useState } from 'react';
import type { TextKey } from './i18n/catalogue';
import { Lesson } from './lesson/Lesson';
import type { Screen } from './place';

export interface ScreenEntry {
  screen: Screen;
  /** In the navigation; null = reached by links only. */
  label: TextKey | null;
  component: ComponentType;
  /** Work that wants the whole width of the window. */
  wide: boolean;
  /** Makes it ready before it is visited. */
  load?(): Promise<unknown>;
}

type LoadedLater = Pick<ScreenEntry, 'component' | 'load'>;

/** A screen of its own chunk. Once loaded it is drawn at once: React's `lazy` would show "Opening." for a moment all the same. */
function later(load: () => Promise<{ default: ComponentType }>): LoadedLater {
  let loaded: ComponentType | null = null;
  const take = async () => {
    const chunk = await load();
    loaded = chunk.default;
    return chunk;
  };
  const Awaited = lazy(take);
  function Screen() {
    // Chosen once: another kind of component would be another screen.
    const [{ Shown }] = useState({ Shown: loaded ?? Awaited });
    return <Shown />;
  }
  return { component: Screen, load: take };
}

const models = later(() => import('./models/ModelsScreen'));
const studio = later(() => import('./studio/StudioScreen'));
const run = later(() => import('./run/RunScreen'));
const traces = later(() => import('./traces/TracesScreen'));
const compare = later(() => import('./compare/CompareScreen'));
const playground = later(() => import('./playground/PlaygroundScreen'));
const datasets = later(() => import('./datasets/DatasetsScreen'));
const settings = later(() => import('./settings/SettingsScreen'));
const teach = later(() => import('./teach/TeachScreen'));

export const screenEntries: readonly ScreenEntry[] = [
  { screen: 'lesson', label: 'nav.lesson', component: Lesson, wide: false },
  { screen: 'models', label: 'nav.models', wide: false, ...models },
  { screen: 'studio', label: 'nav.studio', wide: true, ...studio },
  { screen: 'run', label: 'nav.run', wide: true, ...run },
  { screen: 'traces', label: 'nav.traces', wide: true, ...traces },
  { screen: 'compare', label: 'nav.compare', wide: true, ...compare },
  { screen: 'playground', label: 'nav.playground', wide: true, ...playground },
  { screen: 'datasets', label: 'nav.datasets', wide: true, ...datasets },
  { screen: 'settings', label: 'nav.settings', wide: false, ...settings },
  { screen: 'teach', label: null, wide: false, ...teach },
];

export function entryOf(screen: Screen): ScreenEntry {
  return screenEntries.find((entry) => entry.screen === screen) ?? screenEntries[0];
}

/** Longest wait for an idle moment before the next chunk is taken all the same. */
const AT_LATEST_MS = 5000;

const idle = () =>
  new Promise<void>((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: AT_LATEST_MS });
    else setTimeout(resolve, 200);
  });

/** Loads the screens one after the other, each in an idle moment. One that cannot be had comes when it is visited. */
export async function loadScreensWhenIdle(): Promise<void> {
  for (const { load } of screenEntries) {
    if (!load) continue;
    await idle();
    await load().catch(() => undefined);
  }
}
