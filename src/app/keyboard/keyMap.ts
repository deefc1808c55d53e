// The keys of the page as data: what they do, what they are called, and when they count. Single letters only, never a chord of
// the browser or the system; `g` and then a letter goes to a screen.
import type { Studio } from '../../store/connection';
import { isRunActive } from '../../store/studioState';
import type { TextKey } from '../i18n/catalogue';
import { goTo, hrefOf, type Screen } from '../place';
import { screenEntries } from '../screens';
import type { words } from './words';

type KeyWord = keyof typeof words.en;

export interface KeyEntry {
  /** Pressed one after the other. */
  keys: readonly string[];
  /** A word of the map, or the name of a screen. */
  label: { word: KeyWord } | { screen: TextKey };
  /** Also taken while a button or link has the focus, where it has no meaning of its own. */
  perform(studio: Studio): void;
  isPossible?(studio: Studio): boolean;
}

/** How long `g` waits for its letter, ms. */
export const SEQUENCE_MS = 1500;

const letters: readonly { screen: Screen; letter: string; label: TextKey }[] = [
  { screen: 'lesson', letter: 'l', label: 'nav.lesson' },
  { screen: 'studio', letter: 's', label: 'nav.studio' },
  { screen: 'run', letter: 'r', label: 'nav.run' },
  { screen: 'traces', letter: 't', label: 'nav.traces' },
  { screen: 'compare', letter: 'c', label: 'nav.compare' },
  { screen: 'playground', letter: 'p', label: 'nav.playground' },
  { screen: 'datasets', letter: 'd', label: 'nav.datasets' },
  { screen: 'settings', letter: 'e', label: 'nav.settings' },
  { screen: 'teach', letter: 'h', label: 'nav.teach' },
];

function pauseOrResume(studio: Studio): void {
  const { run } = studio.store.getState().run;
  if (run?.status === 'running') studio.runs.pause();
  else if (run?.status === 'paused') studio.runs.resume();
}

/** @param showHelp opens the list of keys */
export function keyMap(showHelp: () => void): readonly KeyEntry[] {
  const screens = letters
    .filter(({ screen }) => screenEntries.some((entry) => entry.screen === screen))
    .map(({ screen, letter, label }) => ({
      keys: ['g', letter],
      label: { screen: label },
      perform: () => goTo(hrefOf(screen)),
    }));
  return [
    { keys: ['?'], label: { word: 'help' }, perform: showHelp },
    ...screens,
    {
      keys: [' '],
      label: { word: 'pause' },
      perform: pauseOrResume,
      isPossible: (studio) => isRunActive(studio.store.getState()),
    },
    {
      keys: ['.'],
      label: { word: 'step' },
      perform: (studio) => studio.runs.step(),
      isPossible: (studio) => {
        const { run } = studio.store.getState().run;
        return !!run?.live && run.status === 'paused';
      },
    },
  ];
}

/** The key of an event as the map writes it; letters also from a keyboard that writes Hangul or another script. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'code'>): string {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return letter && event.key !== '?' && event.key !== '.' ? letter.toLowerCase() : event.key;
}

const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]';
const PRESSABLE = 'button, a[href], summary, [role="button"], [role="slider"], [tabindex="0"]';

/** Whether the key belongs to what has the focus: text that is typed, or a space that presses. */
export function belongsElsewhere(key: string, focused: Element | null): boolean {
  if (document.querySelector('dialog[open]')) return true;
  if (!focused) return false;
  if (focused.closest(TYPING)) return true;
  return key === ' ' && focused.closest(PRESSABLE) !== null;
}
