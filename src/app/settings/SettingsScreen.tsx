// Everything that holds for this browser: look, engine with its self-test, storage, keys, the tour, and what this is.
import type { ReactNode } from 'react';
import type { Language, Theme } from '../../store/preferences';
import { useScreenWords } from '../i18n/screenWords';
import { KeptRuns } from '../keeping/KeptRuns';
import { KeyTable } from '../keyboard/KeyTable';
import { goTo, hrefOf } from '../place';
import { usePreferences, useWords } from '../studioContext';
import { BackendFacts } from '../ui/BackendFacts';
import { Segments } from '../ui/Segments';
import { LicenceList } from './LicenceList';
import { SelfTest } from './SelfTest';
import { StorageUse } from './StorageUse';
import { words } from './words';
import '../keyboard/keyboard.css';
import './settings.css';

function Part({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className="settings-part" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <div>{children}</div>
    </section>
  );
}

function Look() {
  const w = useScreenWords(words);
  const { t } = useWords();
  const [{ language, theme }, setPreferences] = usePreferences();
  return (
    <>
      <Segments<Language>
        label={w('look.language')}
        labelled
        options={[
          { value: 'en', label: t('header.language.en') },
          { value: 'ko', label: t('header.language.ko') },
        ]}
        value={language}
        onChange={(value) => setPreferences({ language: value })}
      />
      <Segments<Theme>
        label={w('look.theme')}
        labelled
        options={[
          { value: 'system', label: t('header.theme.system') },
          { value: 'light', label: t('header.theme.light') },
          { value: 'dark', label: t('header.theme.dark') },
        ]}
        value={theme}
        onChange={(value) => setPreferences({ theme: value })}
      />
    </>
  );
}

export default function SettingsScreen() {
  const w = useScreenWords(words);
  const [{ letters }, setPreferences] = usePreferences();
  const startTour = () => {
    setPreferences({ tour: 'again' });
    goTo(hrefOf('lesson'));
  };
  return (
    <div className="settings">
      <h2>{w('title')}</h2>
      <p className="lead">{w('lead')}</p>
      <Part id="settings-look" title={w('look.title')}>
        <Look />
      </Part>
      <Part id="settings-engine" title={w('engine.title')}>
        <BackendFacts />
        <SelfTest />
      </Part>
      <Part id="settings-storage" title={w('storage.title')}>
        <p>{w('storage.lead')}</p>
        <StorageUse />
        <KeptRuns />
      </Part>
      <Part id="settings-keys" title={w('keys.title')}>
        <Segments<'on' | 'off'>
          label={w('keys.letters')}
          labelled
          options={[
            { value: 'on', label: w('keys.on') },
            { value: 'off', label: w('keys.off') },
          ]}
          value={letters}
          onChange={(value) => setPreferences({ letters: value })}
        />
        <KeyTable />
      </Part>
      <Part id="settings-tour" title={w('tour.title')}>
        <p>{w('tour.lead')}</p>
        <div className="actions">
          <button type="button" onClick={startTour}>
            {w('tour.start')}
          </button>
        </div>
      </Part>
      <Part id="settings-teach" title={w('teach.title')}>
        <p>
          {w('teach.lead')} <a href={hrefOf('teach')}>{w('teach.open')}</a>
        </p>
      </Part>
      <Part id="settings-about" title={w('about.title')}>
        <p>{w('about.version', { version: APP_VERSION })}</p>
        <LicenceList />
      </Part>
    </div>
  );
}
