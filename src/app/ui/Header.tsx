// Product name, the run, where it computes, language, theme.
import { Languages, SunMoon } from 'lucide-react';
import type { Language, Theme } from '../../store/preferences';
import { hrefOf } from '../place';
import { usePreferences, useWords } from '../studioContext';
import { BackendPill } from './BackendPill';
import { Navigation } from './Navigation';
import { RunPill } from './RunPill';

/** A link to `#main` would be an address of the page itself: the hash says which screen is shown. */
function skipToMain(): void {
  const main = document.getElementById('main');
  main?.focus();
  main?.scrollIntoView();
}

export function Header() {
  const { t } = useWords();
  const [{ language, theme }, setPreferences] = usePreferences();
  return (
    <header className="page-header">
      <button type="button" className="skip" onClick={skipToMain}>
        {t('header.skip')}
      </button>
      <h1>
        <a href={hrefOf('lesson')}>{t('product.name')}</a>
      </h1>
      <Navigation />
      <div className="header-tools">
        <RunPill />
        <BackendPill />
        <label className="choice">
          <Languages size={16} aria-hidden="true" />
          <span className="visually-hidden">{t('header.language')}</span>
          <select
            value={language}
            onChange={(event) =>
              setPreferences({ language: event.target.value === 'ko' ? 'ko' : ('en' satisfies Language) })
            }
          >
            <option value="en" lang="en">
              {t('header.language.en')}
            </option>
            <option value="ko" lang="ko">
              {t('header.language.ko')}
            </option>
          </select>
        </label>
        <label className="choice">
          <SunMoon size={16} aria-hidden="true" />
          <span className="visually-hidden">{t('header.theme')}</span>
          <select
            value={theme}
            onChange={({ target }) => {
              const chosen = (['system', 'light', 'dark'] satisfies Theme[]).find((value) => value === target.value);
              if (chosen) setPreferences({ theme: chosen });
            }}
          >
            <option value="system">{t('header.theme.system')}</option>
            <option value="light">{t('header.theme.light')}</option>
            <option value="dark">{t('header.theme.dark')}</option>
          </select>
        </label>
      </div>
    </header>
  );
}
