// Whether the tour is shown: on the lesson, at the first visit or when asked for again; never to a machine unless it asks.
import { lazy, Suspense, useCallback, useEffect } from 'react';
import type { Options } from '../../store/options';
import type { Preferences } from '../../store/preferences';
import { usePlace } from '../place';
import { usePreferences, useStudio } from '../studioContext';

const Tour = lazy(() => import('./Tour'));

/** @param isMachine the browser is driven by a program */
export function isTourDue(tour: Preferences['tour'], asked: Options['tour'], isMachine: boolean): boolean {
  if (tour === 'again') return true;
  if (tour === 'seen' || asked === 'off') return false;
  return asked === 'on' || !isMachine;
}

export function FirstTour() {
  const { options } = useStudio();
  const [{ tour }, setPreferences] = usePreferences();
  const onLesson = usePlace().screen === 'lesson';
  const isDue = isTourDue(tour, options.tour, navigator.webdriver === true);
  const leave = useCallback(() => setPreferences({ tour: 'seen' }), [setPreferences]);
  const isShown = isDue && onLesson;
  useEffect(() => {
    if (!isShown) return;
    // Going to another screen is leaving.
    const go = () => {
      if (/^#\/\w/.test(window.location.hash)) leave();
    };
    window.addEventListener('hashchange', go);
    return () => window.removeEventListener('hashchange', go);
  }, [isShown, leave]);
  if (!isShown) return null;
  return (
    <Suspense fallback={null}>
      <Tour onLeave={leave} />
    </Suspense>
  );
}
