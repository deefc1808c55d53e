// The screens of the page, in the order of work.
import { hrefOf, usePlace } from '../place';
import { screenEntries } from '../screens';
import { useWords } from '../studioContext';

export function Navigation() {
  const { t } = useWords();
  const { screen } = usePlace();
  const entries = screenEntries.filter((entry) => entry.label !== null);
  if (entries.length < 2) return null;
  return (
    <nav className="page-navigation" aria-label={t('nav.label')}>
      {entries.map((entry) => (
        <a key={entry.screen} href={hrefOf(entry.screen)} aria-current={entry.screen === screen ? 'page' : undefined}>
          {entry.label && t(entry.label)}
        </a>
      ))}
    </nav>
  );
}
