// The screens and what loads them. The lesson is there at once; every other screen comes when it is first visited.
import { type ComponentType, lazy } from 'react';
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
}

export const screenEntries: readonly ScreenEntry[] = [
  { screen: 'lesson', label: 'nav.lesson', component: Lesson, wide: false },
  { screen: 'studio', label: 'nav.studio', component: lazy(() => import('./studio/StudioScreen')), wide: true },
  { screen: 'run', label: 'nav.run', component: lazy(() => import('./run/RunScreen')), wide: true },
  { screen: 'traces', label: 'nav.traces', component: lazy(() => import('./traces/TracesScreen')), wide: true },
  { screen: 'compare', label: 'nav.compare', component: lazy(() => import('./compare/CompareScreen')), wide: true },
  {
    screen: 'playground',
    label: 'nav.playground',
    component: lazy(() => import('./playground/PlaygroundScreen')),
    wide: true,
  },
  {
    screen: 'settings',
    label: 'nav.settings',
    component: lazy(() => import('./settings/SettingsScreen')),
    wide: false,
  },
  { screen: 'teach', label: null, component: lazy(() => import('./teach/TeachScreen')), wide: false },
];

export function entryOf(screen: Screen): ScreenEntry {
  return screenEntries.find((entry) => entry.screen === screen) ?? screenEntries[0];
}
