// The page: header, one screen, what floats above it.
import { lazy, Suspense, useEffect } from 'react';
import type { Studio } from '../store/connection';
import type { PreferencesStore } from '../store/preferences';
import { isRunActive } from '../store/studioState';
import { Shortcuts } from './keyboard/Shortcuts';
import { hrefOf, usePlace } from './place';
import { entryOf } from './screens';
import { StudioProvider, usePreferences, useStudioState, useWords } from './studioContext';
import { FirstTour } from './tour/FirstTour';
import { Header } from './ui/Header';
import { InTurn } from './ui/InTurn';
import { useRunEndNotice } from './ui/useRunEndNotice';
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

/** Asks before a tab is closed whose run this browser does not keep. A kept run goes on from its checkpoint. */
function useLeaveGuard(): void {
  const wouldBeLost = useStudioState((state) => state.storageFault !== null && isRunActive(state));
  useEffect(() => {
    if (!wouldBeLost) return;
    const guard = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }, [wouldBeLost]);
}

function Page() {
  const { t } = useWords();
  const samplesOpen = useStudioState((state) => state.samples !== null);
  const place = usePlace();
  const entry = entryOf(place.screen);
  useDocument();
  useLeaveGuard();
  useRunEndNotice();
  return (
    <>
      <Header />
      <main id="main" tabIndex={-1} className={entry.wide ? 'wide' : undefined}>
        {place.screen === 'lesson' && <p className="tagline">{t('product.tagline')}</p>}
        <WorkerFault />
        <Suspense fallback={<p className="note screen-loading">{t('screen.loading')}</p>}>
          <InTurn key={place.screen} instead={<div className="screen-turn" />}>
            <entry.component />
          </InTurn>
        </Suspense>
      </main>
      <footer className="page-footer">
        <p>{t('footer.paper')}</p>
        <p className="footer-links">
          <a href={hrefOf('teach')}>{t('nav.teach')}</a>
          <a href={hrefOf('settings')}>{t('nav.settings')}</a>
        </p>
      </footer>
      <Shortcuts />
      <FirstTour />
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
