// The page's entry: joins the worker, the stored runs, the stores and the screens.
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { loadScreensWhenIdle } from './app/screens';
import './app/styles/tokens.css';
import './app/styles/base.css';
import './app/styles/lesson.css';
import './app/styles/charts.css';
import type { WireError } from './protocol/errors';
import { createWorkerPort } from './protocol/workerPort';
import { connectStudio } from './store/connection';
import { browserAwakeHost, keepAwake } from './store/keepAwake';
import { keepStored } from './store/keepStored';
import { readOptions } from './store/options';
import { createPreferences, type Preferences } from './store/preferences';
import { storedLibrary } from './store/storedLibrary';
import { storedNotes } from './store/storedNotes';
import { isModelReady } from './store/studioState';

/** Blocked by the browser's privacy settings: choices hold for this visit. */
function pageStorage(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html: expected an element with id "root", found none.');
const options = readOptions(window.location.search);
const preferences = createPreferences(pageStorage('localStorage'), navigator.language);
const port = createWorkerPort(() => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' }));
const refused = (error: WireError) => studio.store.setState({ storageFault: error });
const notes = storedNotes(pageStorage('sessionStorage'), refused);
const studio = connectStudio(port, storedLibrary(refused), options, notes);
if (options.backend) preferences.setState({ backend: options.backend });
const limitTraces = ({ traceRoom }: Preferences) => studio.limitTraces(traceRoom === null ? null : traceRoom * 1e6);
limitTraces(preferences.getState());
preferences.subscribe((now, before) => {
  if (now.traceRoom !== before.traceRoom) limitTraces(now);
});
createRoot(root).render(<App studio={studio} preferences={preferences} />);
keepAwake(studio.store, browserAwakeHost());
keepStored(port);
studio.startEngine(preferences.getState().backend);
void studio.showLatest();
void studio.openNotes();
// Not before the model is there: until then the network is its.
const stopWaiting = studio.store.subscribe((state) => {
  if (!isModelReady(state)) return;
  stopWaiting();
  void loadScreensWhenIdle();
});
