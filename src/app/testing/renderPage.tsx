// Renders the whole page over a scripted port, for tests. Needs a DOM (`// @vitest-environment happy-dom`).
import { createRoot } from 'react-dom/client';
import type { Command } from '../../protocol/commands';
import type { StudioEvent } from '../../protocol/events';
import { connectStudio, type Studio } from '../../store/connection';
import { emptyLibrary, type Library } from '../../store/library';
import { readOptions } from '../../store/options';
import { createPreferences, type PreferencesStore } from '../../store/preferences';
import { App } from '../App';
import { areTurnsDue } from '../ui/useTurn';
import { type ScriptedPort, scriptedPort } from './scriptedPort';

export interface RenderedPage {
  port: ScriptedPort;
  studio: Studio;
  preferences: PreferencesStore;
  /** Speaks as the worker and lets the page catch up. */
  say(...events: StudioEvent[]): Promise<void>;
  text(): string;
  button(name: string): HTMLButtonElement;
  click(name: string): Promise<void>;
  /** Waits until the page has caught up (pulses, lazy parts). */
  settle(): Promise<void>;
  close(): void;
}

// Longer than one pulse of `studioContext`.
const PULSE = 260;
/** A change may take a render, an effect and another render. */
const TURNS = 20;

export async function renderPage(
  answer: (command: Command) => StudioEvent[] = () => [],
  library: Library = emptyLibrary,
): Promise<RenderedPage> {
  const port = scriptedPort(answer);
  const studio = connectStudio(port, library, readOptions('?seed=5&tour=off'));
  const preferences = createPreferences(null, 'en');
  const host = document.createElement('div');
  document.body.replaceChildren(host);
  const root = createRoot(host);
  const settle = async () => {
    // Timers fire in the order they are due, so the pulse comes first; then React gets its turns, however busy the machine.
    await new Promise<void>((resolve) => setTimeout(resolve, PULSE));
    for (let turn = 0; turn < TURNS || areTurnsDue(); turn++) {
      await new Promise<void>((resolve) => setTimeout(resolve));
    }
  };
  root.render(<App studio={studio} preferences={preferences} />);
  await settle();
  const button = (name: string) => {
    const found = [...document.querySelectorAll('button')].find((candidate) => candidate.textContent?.trim() === name);
    if (!found) throw new Error(`page: expected a button "${name}", found none.`);
    return found;
  };
  return {
    port,
    studio,
    preferences,
    settle,
    async say(...events) {
      port.say(...events);
      await settle();
    },
    text: () => host.textContent ?? '',
    button,
    async click(name) {
      button(name).click();
      await settle();
    },
    close: () => root.unmount(),
  };
}
