// How much this page keeps in the browser, as the browser tells it.
import { useEffect, useState } from 'react';
import { useScreenWords } from '../i18n/screenWords';
import { useWords } from '../studioContext';
import { words } from './words';

export function StorageUse() {
  const w = useScreenWords(words);
  const { format } = useWords();
  const [estimate, setEstimate] = useState<StorageEstimate | null>(null);
  useEffect(() => {
    navigator.storage
      ?.estimate?.()
      .then(setEstimate)
      .catch(() => setEstimate(null));
  }, []);
  const { usage, quota } = estimate ?? {};
  return (
    <p className="note">
      {usage === undefined || quota === undefined
        ? w('storage.unknown')
        : w('storage.used', { used: format.bytes(usage), quota: format.bytes(quota) })}
    </p>
  );
}
