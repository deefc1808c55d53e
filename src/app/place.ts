// Where a person is, in the address after the #: `#/traces/<run>?step=5&sample=3`. Everything that a teacher may want to
// share stands there. A hash without a slash (`#practise`) is a place within the lesson.
import { useSyncExternalStore } from 'react';

export const screens = [
  'lesson',
  'models',
  'studio',
  'run',
  'traces',
  'compare',
  'playground',
  'datasets',
  'settings',
  'teach',
] as const;
export type Screen = (typeof screens)[number];

export interface Place {
  screen: Screen;
  /** Of the run it is about; null = the one on screen. */
  id: string | null;
  query: URLSearchParams;
}

/** An address that names no screen is the lesson. */
export function readPlace(hash: string): Place {
  const [path, query] = hash.replace(/^#/, '').split('?', 2);
  const [, name = '', id = ''] = path.split('/');
  const screen = screens.find((known) => known === name) ?? 'lesson';
  return { screen, id: decoded(id) || null, query: new URLSearchParams(query ?? '') };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A broken escape came from a broken link: as good as none.
    return '';
  }
}

/** The address of a place; values that are null or empty are left out. */
export function hrefOf(
  screen: Screen,
  id: string | null = null,
  query: Record<string, string | number | null> = {},
): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== '') words.set(name, String(value));
  }
  const path = screen === 'lesson' ? '#/' : `#/${screen}${id ? `/${encodeURIComponent(id)}` : ''}`;
  return words.size > 0 ? `${path}?${words}` : path;
}

/** Goes there; the browser's Back returns. */
export function goTo(href: string): void {
  window.location.hash = href;
}

/** Changes what the address says about this screen without a new entry in the browser's history. */
export function replaceQuery(query: Record<string, string | number | null>): void {
  replaceAddress(readPlace(window.location.hash).id, query);
}

/** The same, with another run. */
export function replaceId(id: string | null): void {
  replaceAddress(id, {});
}

function replaceAddress(id: string | null, query: Record<string, string | number | null>): void {
  const here = readPlace(window.location.hash);
  const merged: Record<string, string | number | null> = { ...Object.fromEntries(here.query), ...query };
  window.history.replaceState(null, '', hrefOf(here.screen, id, merged));
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

let known: { hash: string; place: Place } = { hash: '', place: readPlace('') };

/** The same object as long as the address does not change. */
function currentPlace(): Place {
  const { hash } = window.location;
  if (hash !== known.hash) known = { hash, place: readPlace(hash) };
  return known.place;
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, currentPlace);
}
