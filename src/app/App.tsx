// The page: header, the lesson, what floats above it.
import { lazy, Suspense, useEffect } from 'react';
import type { Studio } from '../store/connection';
import type { PreferencesStore } from '../store/preferences';
import { Lesson } from './lesson/Lesson';
import { StudioProvider, usePreferences, useStudioState, useWords } from './studioContext';
import { Header } from './ui/Header';
import { WorkerFault } from './ui/WorkerFault';

const SampleDrawer = lazy(() => import('./samples/SampleDrawer'));

/** The document's language and theme follow the preferences. */
function useDocument(): void {
  const [{ language, theme }] = usePreferences();
  const { t } = useWords();
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `${t('product.name')} · ${t('product.tagline')}`;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [language, theme, t]);
}

/** Asks before the tab with a running run is closed. */
function useLeaveGuard(): void {
  const running = useStudioState((state) => state.run.run?.live === true && state.run.run.status === 'running');
  useEffect(() => {
    if (!running) return;
    const guard = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [running]);
}

function Page() {
  const { t } = useWords();
  const samplesOpen = useStudioState((state) => state.samples !== null);
  useDocument();
  useLeaveGuard();
  return (
    <>
      <Header />
      <main id="main">
        <p className="tagline">{t('product.tagline')}</p>
        <WorkerFault />
        <Lesson />
      </main>
      <footer className="page-footer">
        <p>{t('footer.paper')}</p>
      </footer>
      {samplesOpen && (
        <Suspense fallback={null}>
          <SampleDrawer />
        </Suspense>
      )}
    </>
  );
}

export function App({ studio, preferences }: { studio: Studio; preferences: PreferencesStore }) {
  return (
    <StudioProvider studio={studio} preferences={preferences}>
      <Page />
    </StudioProvider>
  );
}
