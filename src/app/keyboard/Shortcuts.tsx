// Listens for the keys of the map, anywhere on the page; `?` opens their list.
import { lazy, Suspense, useEffect, useState } from 'react';
import { usePreferences, useStudio } from '../studioContext';
import { belongsElsewhere, keyMap, keyOf, SEQUENCE_MS } from './keyMap';

const KeyboardHelp = lazy(() => import('./KeyboardHelp'));

export function Shortcuts() {
  const studio = useStudio();
  const [{ letters }] = usePreferences();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  useEffect(() => {
    if (letters === 'off') return;
    const entries = keyMap(() => setIsHelpOpen(true));
    let before: { key: string; at: number } | null = null;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const key = keyOf(event);
      if (key === 'Shift' || belongsElsewhere(key, document.activeElement)) return;
      const now = event.timeStamp;
      const sequence = before && now - before.at < SEQUENCE_MS ? [before.key, key] : [key];
      const entry = entries.find(({ keys }) => keys.join('\n') === sequence.join('\n'));
      before = entries.some(({ keys }) => keys.length > 1 && keys[0] === key) ? { key, at: now } : null;
      if (!entry || entry.isPossible?.(studio) === false) return;
      event.preventDefault();
      entry.perform(studio);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [studio, letters]);
  if (!isHelpOpen) return null;
  return (
    <Suspense fallback={null}>
      <KeyboardHelp onClose={() => setIsHelpOpen(false)} />
    </Suspense>
  );
}
